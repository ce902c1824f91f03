// node scripts/run.mjs NAME [ARGS]: runs one of the built programs, in this process where it is Node 24 already.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { nodeBinary, root } from './lib.mjs';

const PROGRAMS = {
  standalone: 'apps/standalone/src/main.js',
  management: 'apps/management/src/main.js',
  analysis: 'apps/analysis/src/main.js',
  migrate: 'apps/management/src/migrate.js',
  generate: 'apps/management/src/generate.js',
  bench: 'bench/main.js',
  chaos: 'test/chaos/main.js',
  'rolling-upgrade': 'test/helm/main.js',
};

// Name look-ups take threads of one pool, with files and password hashes; its own 4 would let a few slow names hold up
// everything. It is read when the pool is first used, so nothing before this line may use it.
process.env.UV_THREADPOOL_SIZE ||= '64';

const [name = '', ...args] = process.argv.slice(2);
const program = PROGRAMS[name];
if (program === undefined) fail(`unknown program "${name}"; there are: ${Object.keys(PROGRAMS).join(', ')}`);
const path = join(root, 'dist', program);
if (!existsSync(path)) fail(`${name} is not built (dist/${program}): run "npm run build"`);

if (/^v24\./.test(process.version)) await runHere();
else runInNode24();

async function runHere() {
  process.argv = [process.argv[0], path, ...args];
  await import(pathToFileURL(path).href);
}

/** The child shares the terminal, so Ctrl-C reaches it by itself; a second one would mean "at once". */
function runInNode24() {
  const child = spawn(nodeBinary, [fileURLToPath(import.meta.url), name, ...args], { stdio: 'inherit' });
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  child.on('error', (error) => fail(error.message));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function fail(message) {
  console.error(message);
  process.exit(2);
}
