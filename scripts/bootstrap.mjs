// Makes node_modules (and, with --build, dist) what the sources ask for; does nothing, fast, when they are.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  buildStamp,
  hash,
  newestChange,
  nodeBinary,
  readOrEmpty,
  root,
  runQuietly,
  withLock,
} from './lib.mjs';

const installStamp = join(root, 'node_modules', '.ecron-bootstrap');
const SOURCES = ['apps', 'libs', 'migrations', 'bench', 'test', 'nest-cli.json', 'tsconfig.json'];

/** Only what decides about installed packages: an edited script in package.json installs nothing. */
function wantedPackages() {
  const manifest = JSON.parse(readOrEmpty(join(root, 'package.json')));
  const { dependencies, devDependencies, overrides, allowScripts } = manifest;
  const lock = readOrEmpty(join(root, 'package-lock.json'));
  return hash(JSON.stringify([dependencies, devDependencies, overrides, allowScripts, lock]));
}

function isInstalled() {
  return readOrEmpty(installStamp) === wantedPackages();
}

function isBuilt() {
  const stamp = statSync(buildStamp, { throwIfNoEntry: false });
  if (stamp === undefined) return false;
  const counts = (name) => /\.(ts|json)$/.test(name) && !name.endsWith('.spec.ts');
  return SOURCES.every((source) => newestChange(join(root, source), counts) <= stamp.mtimeMs);
}

/** `npm install`, not `npm ci`: that refuses a lock that was written where other platforms' binaries are not listed. */
function install() {
  console.error('bootstrap: installing packages');
  const args = ['install', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  if (npm !== undefined && existsSync(npm)) runQuietly(process.execPath, [npm, ...args], process.env);
  else runQuietly('npm', args, process.env);
  requireNode24();
  writeFileSync(installStamp, wantedPackages());
}

function requireNode24() {
  const { stdout } = spawnSync(nodeBinary, ['--version'], { encoding: 'utf8' });
  if (/^v24\./.test(stdout ?? '')) return;
  console.error(
    'bootstrap: node_modules holds no Node 24; was it installed with --ignore-scripts? Remove it and try again.',
  );
  process.exit(1);
}

function build() {
  console.error('bootstrap: building');
  runQuietly(nodeBinary, [join(root, 'scripts', 'build.mjs')]);
}

function ensure(isDone, make) {
  if (isDone()) return;
  withLock(() => {
    if (!isDone()) make();
  });
}

ensure(isInstalled, install);
if (process.argv.includes('--build')) ensure(isBuilt, build);
