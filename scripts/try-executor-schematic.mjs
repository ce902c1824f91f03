// The slow proof that a generated executor fits: a copy of the working tree, installed anew, one more executor, and all
// checks. Takes minutes; `test/schematics` is the fast form. Whether suites that need real components run is for
// ECRON_SERVICES_DIR to say (CONTRIBUTING.md).
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './lib.mjs';

const copy = mkdtempSync(join(tmpdir(), 'ecron-try-'));

function run(command, ...args) {
  const { status } = spawnSync(command, args, { cwd: copy, stdio: 'inherit' });
  if (status !== 0) throw new Error(`${[command, ...args].join(' ')} failed in ${copy}, which stays`);
}

const { stdout } = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
});
const files = stdout.split('\0').filter((file) => file !== '' && existsSync(join(root, file)));
for (const file of files) cpSync(join(root, file), join(copy, file));
run('node', 'scripts/bootstrap.mjs');
run('npx', 'nest', 'g', '-c', '@ecron/schematics', 'executor', 'demo', '--project', 'execution');
run('npm', 'run', '-s', 'check');
rmSync(copy, { recursive: true });
