// All that CI runs, each once: formatting, lint, types, generated files, tests. Says at the end what failed.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { nodeBinary, root, toolEnv } from './lib.mjs';

/** Where the results of the last test run are kept, for who counts them. */
const results = join(root, 'node_modules', '.cache', 'jest-results.json');

const STEPS = {
  format: ['npm', 'run', '-s', 'format:check'],
  lint: ['npm', 'run', '-s', 'lint'],
  typecheck: ['npm', 'run', '-s', 'typecheck'],
  generated: [nodeBinary, 'scripts/run.mjs', 'generate', '--check'],
  tests: [
    nodeBinary,
    '--experimental-vm-modules',
    '--no-warnings',
    'node_modules/jest/bin/jest.js',
    '--json',
    `--outputFile=${results}`,
  ],
};

function passes([step, [command, ...args]]) {
  const begun = process.hrtime.bigint();
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: root,
    env: toolEnv(),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const seconds = Number((process.hrtime.bigint() - begun) / 100_000_000n) / 10;
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${step} (${seconds} s)`);
  // With --json jest reports on stderr, and its stdout only says where the file is.
  if (status !== 0) process.stdout.write(step === 'tests' ? stderr : stdout + stderr);
  return status === 0;
}

mkdirSync(dirname(results), { recursive: true });
const failed = Object.entries(STEPS).filter((step) => !passes(step));
if (failed.length > 0) {
  console.log(`failed: ${failed.map(([step]) => step).join(', ')}`);
  process.exit(1);
}
