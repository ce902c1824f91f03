// What the scripts share. Core modules only, and nothing newer than Node 18: they run before anything is installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** Written last by a build that succeeded; its mtime is the moment that build began to read the sources. */
export const buildStamp = join(root, 'dist', '.ecron-build');
export const nodeBinary = join(
  root,
  'node_modules',
  '.bin',
  process.platform === 'win32' ? 'node.cmd' : 'node',
);

/** The environment in which `node` and the tools are those of node_modules. */
export function toolEnv() {
  return { ...process.env, PATH: join(root, 'node_modules', '.bin') + delimiter + process.env.PATH };
}

/** Runs a command silently; what it said is shown only when it fails, and then the script ends. */
export function runQuietly(command, args, env = toolEnv()) {
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd: root, env, encoding: 'utf8' });
  if (status === 0) return;
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}`);
  console.error(`${[command, ...args].join(' ')} failed: ${error?.message ?? `exit code ${status}`}`);
  process.exit(1);
}

export function hash(text) {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

export function readOrEmpty(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Newest mtime (ms) below `path`, folders included: those tell of a file that was removed. 0 when it does not exist. */
export function newestChange(path, counts) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() || counts(entry.name))
    .reduce((newest, entry) => Math.max(newest, newestChange(join(path, entry.name), counts)), stat.mtimeMs);
}

/** An install or a build takes no longer; an older lock belongs to nobody. */
const LOCK_TTL_MS = 15 * 60_000;
const lock = join(tmpdir(), `ecron-${hash(root)}.lock`);

/**
 * Runs `work` while no other process does so for this checkout: two services that are started at once
 * would otherwise install or build into each other. The lock of a process that has died is taken over.
 */
export function withLock(work) {
  while (!tryLock()) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  process.once('exit', unlock);
  try {
    work();
  } finally {
    process.off('exit', unlock);
    unlock();
  }
}

function unlock() {
  rmSync(lock, { force: true });
}

function tryLock() {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (isAbandoned()) unlock();
    return false;
  }
}

function isAbandoned() {
  const stat = statSync(lock, { throwIfNoEntry: false });
  if (stat === undefined || Date.now() - stat.mtimeMs > LOCK_TTL_MS) return true;
  const owner = Number(readOrEmpty(lock));
  return owner > 0 && !isAlive(owner);
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
