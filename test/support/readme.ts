import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repositoryFile } from './process.js';

const execute = promisify(execFile);
const RUN_LIMIT_MS = 120_000;

/** The shell blocks under a heading of the README, in their order, down to the next heading. */
export function readmeBlocks(heading: string): string[] {
  const readme = readFileSync(repositoryFile('README.md'), 'utf8');
  const [, section = ''] = readme.split(new RegExp(`^#+ ${heading}$`, 'm'));
  const [own = ''] = section.split(/^#+ /m);
  return [...own.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block);
}

/** Runs a block word for word, but for the ports, which may be somebody's: `ports` says which stand in for which. */
export async function runBlock(block: string, ports: Record<string, string>): Promise<string> {
  const text = Object.entries(ports).reduce((before, [from, to]) => before.replaceAll(from, to), block);
  const { stdout } = await execute('bash', ['-euc', text], { timeout: RUN_LIMIT_MS });
  return stdout;
}

/**
 * Runs a block that ends with `npm start`, and answers the variables that it starts the program with. The program and
 * the scripts of the repository are stood in for; `kubeconfig` is what that of the cluster prints.
 */
export async function readStart(block: string, kubeconfig = ''): Promise<Record<string, string>> {
  const stage = mkdtempSync(join(tmpdir(), 'ecron-readme-'));
  try {
    mkdirSync(join(stage, 'scripts', 'kube'), { recursive: true });
    writeProgram(join(stage, 'npm'), `[ "$*" = start ] && env | grep -E '^(ECRON_|KUBECONFIG=)' > started`);
    writeProgram(join(stage, 'scripts', 'services.sh'), 'exit 0');
    writeProgram(join(stage, 'scripts', 'kube', 'kube.sh'), `echo 'export KUBECONFIG=${kubeconfig}'`);
    const env = { PATH: `${stage}:${process.env['PATH']}`, HOME: stage };
    await execute('bash', ['-euc', block], { cwd: stage, env, timeout: RUN_LIMIT_MS });
    return readVariables(readFileSync(join(stage, 'started'), 'utf8'));
  } finally {
    rmSync(stage, { recursive: true });
  }
}

function writeProgram(path: string, text: string): void {
  writeFileSync(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
}

function readVariables(text: string): Record<string, string> {
  const lines = text.trimEnd().split('\n');
  return Object.fromEntries(lines.map((line) => [line.replace(/=.*/, ''), line.replace(/^\w+=/, '')]));
}
