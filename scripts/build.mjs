// Compiles everything into dist, from nothing, so that no file of a deleted source survives.
import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildStamp, root, runQuietly } from './lib.mjs';

const begun = new Date();
rmSync(join(root, 'dist'), { recursive: true, force: true });
runQuietly('nest', ['build', '--all']);
mkdirSync(dirname(buildStamp), { recursive: true });
writeFileSync(buildStamp, '');
utimesSync(buildStamp, begun, begun);
