import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App } from '../support/app.js';
import { eventually, inParallel } from '../support/eventually.js';
import { HangingTarget } from '../support/hanging-target.js';
import { everySecond } from '../support/jobs.js';
import { processesOf } from '../support/run-processes.js';
import { PATIENCE, startApp } from '../support/start-app.js';

/** Runs of each mode that are cancelled, and jobs of every second that run beside them. */
const RUNS = 30;
const LOAD = 100;
/** A command has 10 s to end before it is killed; the rest is for a machine that is busy. */
const GONE_WITHIN_MS = 30_000 * PATIENCE;

jest.setTimeout(120_000 * PATIENCE);

/** A shell, its child and its grandchild; none of them listens to what it is told, and each waits for a `sleep`. */
const FAMILY = `#!/bin/sh
trap '' TERM
( (while :; do sleep 5; done) & while :; do sleep 5; done) &
while :; do sleep 5; done
`;
const FAMILY_SIZE = 6;

describe('a cancel under load', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ecron-cancel-'));
  let app: App;
  let target: HangingTarget;
  beforeAll(async () => {
    writeFileSync(join(folder, 'family'), FAMILY, { mode: 0o755 });
    target = await HangingTarget.start();
    app = await startApp({ ECRON_EXE_ALLOW: folder, ECRON_SHUTDOWN_GRACE_S: '0' });
    const load = Array.from({ length: LOAD });
    await inParallel(load, 16, () => app.api.create(everySecond(`${target.url}/answer`)));
    await eventually(() => expect(target.requests).toBeGreaterThan(LOAD));
  });
  afterAll(async () => {
    await app?.discard();
    await target?.stop();
    rmSync(folder, { recursive: true });
  });

  const startAll = (mode: string, exec: string): Promise<string[]> =>
    inParallel(Array.from({ length: RUNS }), 8, async () => {
      const context = { mode, exec, info: {}, policy: { timeout_s: 600 } };
      return (await app.api.run({ job_context: context })).execute_id;
    });
  const cancelAll = (ids: string[]) =>
    inParallel(ids, 8, (id) => app.api.must(202, 'POST', `/execution/${id}/cancel`, {}));
  const allInterrupted = async (ids: string[]): Promise<void> => {
    for (const id of ids) {
      await eventually(
        async () =>
          expect(await app.api.execution(id)).toMatchObject({ state: 'interrupted', reason: 'cancelled' }),
        GONE_WITHIN_MS,
      );
    }
  };

  it('ends every command with its children and theirs', async () => {
    const ids = await startAll('exe', 'family');
    const families = new Array(RUNS).fill(FAMILY_SIZE);
    const sizes = () => [...processesOf(ids).values()].map((pids) => pids.length);
    await eventually(() => expect(sizes()).toEqual(families), GONE_WITHIN_MS);
    await cancelAll(ids);
    await allInterrupted(ids);
    expect(processesOf(ids)).toEqual(new Map());
  });

  it('closes the connection of every request', async () => {
    const ids = await startAll('http', `${target.url}/hang`);
    await eventually(() => expect(target.open).toBe(RUNS), GONE_WITHIN_MS);
    await cancelAll(ids);
    await allInterrupted(ids);
    await eventually(() => expect(target.open).toBe(0));
  });

  it('keeps nothing else from running', async () => {
    const before = target.requests;
    await eventually(() => expect(target.requests).toBeGreaterThan(before + LOAD));
  });
});
