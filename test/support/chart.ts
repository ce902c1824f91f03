import { execFile, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { repositoryFile } from './process.js';

const execute = promisify(execFile);
const RENDERED_FOR = '1.37.0';

/** An object of a cluster, as far as tests look into it. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  spec?: Record<string, unknown>;
  data?: Record<string, string>;
  stringData?: Record<string, string>;
}

/** Where `scripts/services.sh install helm` has put it and what goes with it. */
const tools = (): string =>
  resolve(
    process.env['ECRON_SERVICES_TOOLS'] ??
      (existsSync('.services/tools/bin/helm')
        ? '.services/tools'
        : join(process.env['ECRON_SERVICES_DIR'] ?? '.services', 'tools')),
  );
export const chart = (): string => repositoryFile('helm/ecron');

/** The value sets in the chart's folder `ci`, by name. */
export function valueSets(): string[] {
  return readdirSync(join(chart(), 'ci')).map((file) => file.replace(/\.yaml$/, ''));
}

export const valueFile = (set: string): string => join(chart(), 'ci', `${set}.yaml`);

/** Runs Helm; what it says on standard error is in the error. */
export async function helm(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const { stdout } = await execute(join(tools(), 'bin', 'helm'), args, { env: { ...process.env, ...env } });
  return stdout;
}

export async function render(args: readonly string[]): Promise<Manifest[]> {
  return readManifests(await renderText(args));
}

export async function renderText(args: readonly string[]): Promise<string> {
  return helm(['template', 'demo', chart(), '-n', 'demo', '--kube-version', RENDERED_FOR, ...args]);
}

export function readManifests(text: string): Manifest[] {
  return parseAllDocuments(text)
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null);
}

/** Checks by the schemas of Kubernetes, offline; kinds of others are passed over. What it finds, one line each. */
export function findSchemaFaults(file: string): string[] {
  const program = join(tools(), 'kubernetes-validate', 'bin', 'kubernetes-validate');
  const { stdout, stderr } = spawnSync(program, ['-k', '1.37', '--strict', file], { encoding: 'utf8' });
  const lines = `${stdout}${stderr}`.split('\n').filter((line) => line !== '');
  return lines.filter(
    (line) =>
      !/^INFO .* passed |Couldn't find schema for kind (HTTPRoute|ServiceMonitor|PrometheusRule) /.test(line),
  );
}

/** Definitions of the kinds that are not Kubernetes' own. */
export function readCrds(): Manifest[] {
  const folder = join(tools(), 'crds');
  return readdirSync(folder).flatMap((file) => readManifests(readFileSync(join(folder, file), 'utf8')));
}

/**
 * `describe` for a suite that needs Helm. Without it a single skipped test takes the suite's place and names the command
 * that brings it; with `ECRON_TEST_REQUIRE_SERVICES=1`, as in CI, that test fails instead.
 */
export function describeWithHelm(name: string, suite: () => void): void {
  const isThere = existsSync(join(tools(), 'crds')) && existsSync(join(tools(), 'bin', 'helm'));
  describe(name, () => (isThere ? suite() : standIn()));
}

function standIn(): void {
  const text = 'needs helm: scripts/services.sh install helm';
  (process.env['ECRON_TEST_REQUIRE_SERVICES'] === '1' ? it : it.skip)(text, () => {
    throw new Error(text);
  });
}
