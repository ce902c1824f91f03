// node scripts/image-check.mjs IMAGE: starts both services from an image that buildah holds, as a container engine would:
// its user, environment and entry point, as process 1 of namespaces of its own, on a root that cannot be written. MariaDB
// and NSQ beside them are of their own. Health has to answer, a job has to fire, and SIGTERM has to end each within its grace.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

const [image = 'localhost/ecron'] = process.argv.slice(2);
const PATIENCE_MS = 60_000;
const GRACE_S = 5;
/** What a shutdown takes beside its grace: the consumer's, and the last records. */
const FLUSH_S = 20;
const run = (file, ...args) => execFileSync(file, args, { encoding: 'utf8' }).trim();
const services = (dir, ...args) =>
  execFileSync('scripts/services.sh', args, {
    env: {
      ECRON_SERVICES_TOOLS: '.services/tools',
      ...process.env,
      ECRON_SERVICES_DIR: dir,
      ECRON_SERVICES_PORT_BASE: 'free',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });

async function eventually(what, look) {
  const deadline = performance.now() + PATIENCE_MS;
  for (let error; ; await pause(100)) {
    try {
      return await look();
    } catch (caught) {
      error = caught;
    }
    if (performance.now() > deadline) throw new Error(`${what}: ${error.message}`);
  }
}

async function answer(url, options) {
  const reply = await fetch(url, options);
  const text = await reply.text();
  if (!reply.ok) throw new Error(`${url}: ${reply.status} ${text}`);
  return text;
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The mounts that an engine makes, and then the entry point as process 1. */
const ENTER = `
set -e
mount --make-rprivate /
mount --bind "$ROOT" "$ROOT"
mount -t proc proc "$ROOT/proc"
mount --rbind /dev "$ROOT/dev"
mount -t tmpfs -o mode=1777 tmpfs "$ROOT/tmp"
mount -o remount,bind,ro "$ROOT"
exec chroot --userspec="$AS" "$ROOT" /usr/bin/env -i -C "$DIR" "$@"
`;

class Container {
  constructor(program, env) {
    this.program = program;
    this.id = run('buildah', 'from', image);
    const { OCIv1 } = JSON.parse(run('buildah', 'inspect', '--type', 'image', image));
    const { Entrypoint, Env = [], User, WorkingDir } = OCIv1.config;
    const words = [...Env, ...Object.entries(env).map(([name, value]) => `${name}=${value}`)];
    this.child = spawn(
      'unshare',
      [
        '--mount',
        '--pid',
        '--fork',
        '--kill-child',
        'sh',
        '-c',
        ENTER,
        'sh',
        ...words,
        ...Entrypoint,
        program,
      ],
      {
        env: { PATH: process.env.PATH, ROOT: run('buildah', 'mount', this.id), AS: User, DIR: WorkingDir },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    this.lines = [];
    for (const stream of [this.child.stdout, this.child.stderr])
      createInterface({ input: stream }).on('line', (line) => this.lines.push(line));
    this.ended = once(this.child, 'close').then(([code]) => code);
  }

  /** Of process 1, as this side of the namespace knows it. */
  get first() {
    return Number(readFileSync(`/proc/${this.child.pid}/task/${this.child.pid}/children`, 'utf8').trim());
  }

  /** Asked of the kernel, not of the image. */
  describe() {
    const status = readFileSync(`/proc/${this.first}/status`, 'utf8');
    const [, uid] = /^Uid:\t(\d+)/m.exec(status);
    const [, pid] = /^NSpid:\t.*?(\d+)$/m.exec(status);
    const root = readFileSync(`/proc/${this.first}/mountinfo`, 'utf8')
      .split('\n')
      .map((line) => line.split(' '))
      .findLast(([, , , , point]) => point === '/');
    const [name] = readFileSync(`/proc/${this.first}/comm`, 'utf8').split('\n');
    return `${this.program}: ${name} is process ${pid}, user ${uid}, root ${root?.[5].split(',')[0]}`;
  }

  async end() {
    const begun = performance.now();
    process.kill(this.first, 'SIGTERM');
    const code = await Promise.race([this.ended, pause((GRACE_S + FLUSH_S) * 1000, 'still up')]);
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    if (code !== 0) throw new Error(`${this.program} after SIGTERM: ${code} (${seconds} s)`);
    console.log(`${this.program}: ended with 0 in ${seconds} s (grace ${GRACE_S} s)`);
  }

  async remove() {
    this.child.kill('SIGKILL');
    await this.ended;
    run('buildah', 'umount', this.id);
    run('buildah', 'rm', this.id);
  }
}

async function check(dir, containers) {
  const { mariadb, nsq } = JSON.parse(readFileSync(join(dir, 'endpoints.json'), 'utf8'));
  const [nsqHost, nsqPort] = nsq.nsqdTcp.split(':');
  const [cron, anlys] = [await freePort(), await freePort()];
  const env = {
    ECRON_AUTH_ENABLED: 'false',
    ECRON_CRON_ADDR: '127.0.0.1',
    ECRON_CRON_PORT: cron,
    ECRON_ANLYS_PORT: anlys,
    ECRON_DB_ADDR: mariadb.host,
    ECRON_DB_PORT: mariadb.port,
    ECRON_DB_NAME: mariadb.database,
    ECRON_USER_NAME: mariadb.user,
    ECRON_USER_PWD: mariadb.password,
    ECRON_MQ_CONNECTOR_TYPE: 'nsq',
    ECRON_MQ_HOST: nsqHost,
    ECRON_MQ_PORT: nsqPort,
    ECRON_SHUTDOWN_GRACE_S: GRACE_S,
  };
  for (const program of ['analysis', 'management']) containers.push(new Container(program, env));
  for (const port of [cron, anlys])
    await eventually(`health at ${port}`, () => answer(`http://127.0.0.1:${port}/health/ready`));
  for (const container of containers) console.log(container.describe());
  console.log(`health: ready on both`);

  const target = createServer((_, reply) => reply.end('{}')).listen(0, '127.0.0.1');
  await once(target, 'listening');
  const fired = once(target, 'request');
  const job = {
    job_name: 'image',
    job_type: 'scheduled',
    job_cron_time: '* * * * * ?',
    enabled: true,
    job_context: {
      mode: 'http',
      exec: `http://127.0.0.1:${target.address().port}/`,
      info: { method: 'POST' },
    },
  };
  await answer(`http://127.0.0.1:${cron}/api/ecron-management/v1/job`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(job),
  });
  const [request] = await Promise.race([fired, pause(PATIENCE_MS, [])]);
  if (request === undefined) throw new Error('the job did not fire');
  console.log('a job fired');
  await Promise.all(containers.map((container) => container.end()));
  target.closeAllConnections();
  target.close();
}

const dir = mkdtempSync(join(tmpdir(), 'ecron-image-'));
const containers = [];
try {
  services(dir, 'up', 'mariadb', 'nsq');
  await check(dir, containers);
} catch (error) {
  console.error(error.message);
  for (const { program, lines } of containers)
    console.error(`--- ${program}\n${lines.slice(-20).join('\n')}`);
  process.exitCode = 1;
} finally {
  for (const container of containers) await container.remove();
  services(dir, 'down', '--data', 'mariadb', 'nsq');
  rmSync(dir, { recursive: true, force: true });
}
