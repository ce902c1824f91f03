import { existsSync } from 'node:fs';
import { claimStoreConformance, runStoreConformance, sqliteStores } from '@ecron/testing';

/** Compiled before the tests run: a thread cannot load TypeScript. */
const PEN_PROGRAM = new URL('dist/libs/persistence/src/sql/pen.worker.js', `file://${process.cwd()}/`);

it('the database thread has been compiled (npm test does that first)', () => {
  expect(existsSync(PEN_PROGRAM)).toBe(true);
});

describe('on the database thread', () => {
  claimStoreConformance(sqliteStores(PEN_PROGRAM));
  runStoreConformance(sqliteStores(PEN_PROGRAM));
});
