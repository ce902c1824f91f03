import { execFile, spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Agent } from 'undici';
import { freePorts } from './free-ports.js';

const execute = promisify(execFile);
const SCRIPT = resolve('scripts/kube/kube.sh');
/** What the script listens on, counted from its first port; API server last. */
const OFFSETS = [0, 1, 250, 257, 443];

/**
 * A Kubernetes of one's own: the real control plane, and a node that runs the commands of pods as processes of this
 * machine. From the binary that `scripts/kube/kube.sh build` has made.
 */
export class KubeCluster {
  /** For an end of this process that nothing waits for. */
  private readonly reap = (): void => {
    spawnSync(SCRIPT, ['down'], { env: this.env });
    rmSync(this.dir, { recursive: true, force: true });
  };
  readonly agent: Agent;

  private constructor(
    private readonly dir: string,
    private readonly port: number,
  ) {
    const read = (file: string): Buffer => readFileSync(join(dir, 'pki', file));
    const tls = { ca: read('ca.crt'), cert: read('admin.crt'), key: read('admin.key') };
    this.agent = new Agent({ connect: tls });
    process.once('exit', this.reap);
  }

  static async up(): Promise<KubeCluster> {
    const dir = await mkdtemp(join(tmpdir(), 'ecron-kube-'));
    const port = await freePorts(OFFSETS);
    await execute(SCRIPT, ['up'], { env: environment(dir, port) });
    return new KubeCluster(dir, port);
  }

  get origin(): string {
    return `https://127.0.0.1:${this.port + 443}`;
  }

  /** Of somebody who may do anything. */
  get kubeconfig(): string {
    return join(this.dir, 'admin.kubeconfig');
  }

  get certificateAuthority(): string {
    return readFileSync(join(this.dir, 'pki', 'ca.crt'), 'base64');
  }

  /** As somebody who may do anything; an answer of 400 or more is thrown. */
  async call<T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<T> {
    const reply = await this.agent.request({
      origin: this.origin,
      path,
      method,
      headers: { 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await reply.body.text();
    if (reply.statusCode >= 400) throw new Error(`${method} ${path}: ${reply.statusCode} ${text}`);
    return JSON.parse(text) as T;
  }

  /** Stops it and removes its data. */
  async down(): Promise<void> {
    await this.agent.destroy();
    await execute(SCRIPT, ['down'], { env: this.env });
    await rm(this.dir, { recursive: true, force: true });
    process.off('exit', this.reap);
  }

  /** The API server anew, at the same address. */
  async restart(): Promise<void> {
    process.kill(Number(readFileSync(join(this.dir, 'run', 'apiserver.pid'), 'utf8')), 'SIGKILL');
    await execute(SCRIPT, ['up'], { env: this.env });
  }

  private get env(): NodeJS.ProcessEnv {
    return environment(this.dir, this.port);
  }
}

/**
 * `describe` for a suite that needs Kubernetes. Where its binary has not been built, a single skipped test takes the
 * suite's place and names the command that builds it; with `KUBE_REQUIRED=1`, as in CI, that test fails instead.
 */
export function describeWithKube(name: string, suite: () => void): void {
  const isBuilt = spawnSync(SCRIPT, ['built']).status === 0;
  describe(name, () => (isBuilt ? suite() : standIn()));
}

function standIn(): void {
  const text = 'needs Kubernetes: scripts/kube/kube.sh build (some 10 minutes, once)';
  (process.env['KUBE_REQUIRED'] === '1' ? it : it.skip)(text, () => {
    throw new Error(text);
  });
}

function environment(dir: string, port: number): NodeJS.ProcessEnv {
  return { ...process.env, KUBE_DIR: dir, KUBE_PORT: String(port), NODE_BIN: process.execPath };
}
