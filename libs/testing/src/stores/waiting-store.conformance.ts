import { countSlots, scheduleOf } from '@ecron/domain';
import { type LateRow } from '@ecron/scheduling';
import {
  ALL,
  EVERY_SECOND,
  FAILED,
  HOUR,
  HOURLY,
  MINUTE,
  SECOND,
  SOMEBODY,
  SUCCEEDED,
  T0,
} from './fixtures.js';
import { overdueConformance } from './overdue.conformance.js';
import { Stage } from './stage.js';
import { type OpenStores } from './stores-under-test.js';

/** A thousand rows are written one by one. */
const MANY_ROWS_MS = 30_000;

/** What every store of waiting rows must do. */
export function waitingStoreConformance(open: OpenStores): void {
  overdueConformance(open);

  describe('waiting rows', () => {
    let stage: Stage;
    beforeEach(async () => {
      stage = await Stage.open(open);
    });
    afterEach(() => stage.close());

    const idsOf = (rows: readonly { executeId: string }[]) => rows.map((row) => row.executeId);

    it('that nobody holds are taken, oldest first, as many as may be, up to an instant', async () => {
      const [late, early, ahead] = [
        await stage.insert({ dueAt: T0 + 2 }),
        await stage.insert({ dueAt: T0 + 1 }),
        await stage.insert({ dueAt: T0 + 3 }),
      ];
      expect(await stage.take({ limit: 1 })).toEqual([
        { executeId: early, tenantId: 'tenant-a', dueAt: T0 + 1 },
      ]);
      expect(idsOf(await stage.take({ until: T0 + 2 }))).toEqual([late]);
      expect(idsOf(await stage.take({ until: T0 + 3 }))).toEqual([ahead]);
      expect(await stage.take()).toEqual([]);
      expect(idsOf(await stage.stores.waiting.findHeld('analysis-1')).sort()).toEqual(
        [late, early, ahead].sort(),
      );
    });

    it('are taken once by two that look at once', async () => {
      for (let n = 0; n < 20; n++) await stage.insert({});
      const taken = await Promise.all([
        stage.take({ holder: 'analysis-1' }),
        stage.take({ holder: 'analysis-2' }),
      ]);
      expect(new Set(idsOf(taken.flat())).size).toBe(20);
      expect(taken.flat()).toHaveLength(20);
    });

    it('of a holder are taken only when its hold has lapsed', async () => {
      const executeId = await stage.insert({});
      await stage.take({ holder: 'analysis-1' });
      expect(await stage.take({ holder: 'analysis-2', lapsed: ['analysis-3'] })).toEqual([]);
      expect(idsOf(await stage.take({ holder: 'analysis-2', lapsed: ['analysis-3', 'analysis-1'] }))).toEqual(
        [executeId],
      );
      expect(await stage.stores.waiting.findHeld('analysis-1')).toEqual([]);
    });

    it('that a holder releases are for others at once', async () => {
      const executeId = await stage.insert({});
      await stage.take({ holder: 'analysis-1' });
      await stage.stores.waiting.release('analysis-1');
      expect(idsOf(await stage.take({ holder: 'analysis-2' }))).toEqual([executeId]);
    });

    it('are told from what has started, ended, gone, or waits anew', async () => {
      const [waiting, started, retried] = [
        await stage.insert({}),
        await stage.insert({}),
        await stage.insert({}),
      ];
      await stage.take();
      await stage.startOne(started);
      await stage.record(await stage.startOne(retried), FAILED);
      const ids = [waiting, started, retried, 'unknown'];
      expect(await stage.stores.waiting.findWaiting('analysis-1', ids)).toEqual([waiting]);
    });

    it('are told from what another node holds by now', async () => {
      const [mine, theirs] = [await stage.insert({}), await stage.insert({})];
      await stage.take({ limit: 1 });
      await stage.take({ holder: 'analysis-2' });
      const { waiting } = stage.stores;
      const ofFirst = await waiting.findWaiting('analysis-1', [mine, theirs]);
      const ofSecond = await waiting.findWaiting('analysis-2', [mine, theirs]);
      expect([ofFirst.length, ofSecond.length]).toEqual([1, 1]);
      expect(ofFirst).not.toEqual(ofSecond);
    });

    it('are found among more than fit into one statement', async () => {
      const ids = await Promise.all(Array.from({ length: 300 }, () => stage.insert({})));
      await stage.take();
      expect(new Set(await stage.stores.waiting.findWaiting('analysis-1', ids))).toEqual(new Set(ids));
      expect(await stage.stores.waiting.findWaiting('analysis-1', [])).toEqual([]);
    });

    describe('first seen later than their grace', () => {
      const claimUnheld = async (own: Parameters<Stage['addJob']>[0] = {}) => {
        const job = await stage.addJob(own);
        await stage.claim({ room: 0, until: T0 + HOUR });
        return job;
      };

      it('become missed where they are not to run', async () => {
        const job = await claimUnheld({ schedule: HOURLY });
        stage.clock.pass(HOUR + MINUTE + 1);
        expect(await stage.take({ judgeLate: () => 'missed' })).toEqual([]);
        expect(await stage.executionsOf(job)).toMatchObject([
          {
            state: 'missed',
            reason: 'misfire',
            slotTo: T0 + HOUR,
            slotCount: 1,
            endedAt: stage.now,
            dueAt: null,
          },
        ]);
      });

      it('are taken, and may start, where they are to run', async () => {
        const job = await claimUnheld({ schedule: HOURLY });
        stage.clock.pass(HOUR + MINUTE + 1);
        const [taken] = await stage.take({ judgeLate: () => 'run' });
        expect(taken).toMatchObject({ dueAt: T0 + HOUR });
        expect(await stage.executionsOf(job)).toMatchObject([{ state: 'waiting', reason: 'misfire' }]);
        expect(await stage.start([taken?.executeId ?? ''])).toHaveLength(1);
      });

      it('are judged by the schedule that wrote them and the policy as it stands', async () => {
        const job = await claimUnheld({ schedule: HOURLY, timeZone: 'Asia/Tokyo' });
        await stage.edit(job, { name: 'renamed' });
        stage.clock.pass(HOUR + MINUTE + 1);
        await stage.edit(job, { schedule: '0 30 * * * *', policy: { misfire: { window_s: 5 } } });
        const judged: LateRow[] = [];
        await stage.take({ judgeLate: (row) => (judged.push(row), 'run') });
        expect(judged).toMatchObject([
          {
            slotAt: T0 + HOUR,
            policy: { misfire: { window_s: 5 } },
            mode: 'http',
            facts: { timeZone: 'Asia/Tokyo' },
          },
        ]);
        expect(judged[0]?.facts).toMatchObject({
          jobId: job.jobId,
          schedule: HOURLY,
          type: 'scheduled',
          anchorAt: T0,
        });
      });

      it('are not judged at the last instant of their grace, nor when they are no slots', async () => {
        await claimUnheld({ schedule: HOURLY });
        await stage.insert({});
        stage.clock.pass(HOUR + MINUTE);
        const judgeLate = jest.fn(() => 'missed' as const);
        expect(await stage.take({ judgeLate })).toHaveLength(2);
        expect(judgeLate).not.toHaveBeenCalled();
      });
    });

    describe('seen in time', () => {
      const seen = async (holder: string, dueBefore: number) => {
        const job = await stage.addJob({ schedule: HOURLY });
        await stage.claim({ until: T0 + HOUR });
        stage.clock.set(T0 + HOUR + SECOND);
        await stage.stores.waiting.markSeen(holder, dueBefore, stage.now);
        stage.clock.pass(HOUR / 2);
        await stage.take({ holder: 'analysis-2', lapsed: ['analysis-1'], judgeLate: () => 'missed' });
        return (await stage.executionsOf(job)).map((row) => row.state);
      };

      it('are late from then on, never missed', async () => {
        expect(await seen('analysis-1', T0 + HOUR + 1)).toEqual(['waiting']);
      });

      it('are only those of the holder that looks, due before then', async () => {
        expect(await seen('analysis-2', T0 + HOUR + 1)).toEqual(['missed']);
      });

      it('are not those due just then', async () => {
        expect(await seen('analysis-1', T0 + HOUR)).toEqual(['missed']);
      });

      it('are not those whose grace has passed', async () => {
        const job = await stage.addJob({ schedule: HOURLY });
        await stage.claim({ until: T0 + HOUR });
        stage.clock.set(T0 + HOUR + MINUTE + 1);
        await stage.stores.waiting.markSeen('analysis-1', stage.now, stage.now);
        await stage.take({ lapsed: ['analysis-1'], judgeLate: () => 'missed' });
        expect(await stage.executionsOf(job)).toMatchObject([{ state: 'missed' }]);
      });
    });

    describe('behind an earlier run of their job', () => {
      it('are due when that run has ended, not before, one at a time and oldest first', async () => {
        const job = await stage.addJob();
        const run = await stage.runSlot(job);
        const ids: string[] = [];
        for (const nominalAt of [stage.now + 3, stage.now + 1, stage.now + 2])
          ids.push(await stage.request(job, { nominalAt }));
        const [third = '', first = '', second = ''] = ids;
        await stage.start(ids);
        expect(await stage.take()).toEqual([]);
        expect(await stage.stores.waiting.wake(stage.now)).toBe(0);
        let last = run;
        for (const next of [first, second, third]) {
          await stage.record(last, SUCCEEDED);
          stage.clock.pass(SECOND);
          expect(await stage.stores.waiting.wake(stage.now)).toBe(1);
          expect(await stage.stores.waiting.wake(stage.now)).toBe(0);
          expect(await stage.take()).toEqual([{ executeId: next, tenantId: 'tenant-a', dueAt: stage.now }]);
          last = await stage.startOne(next);
        }
      });

      it('have the job from when they are woken on: what comes due later stays behind', async () => {
        const job = await stage.addJob();
        const run = await stage.runSlot(job);
        const woken = await stage.request(job);
        await stage.start([woken]);
        await stage.record(run, SUCCEEDED);
        await stage.stores.waiting.wake(stage.now);
        const later = await stage.request(job);
        expect(await stage.start([later])).toEqual([]);
        expect(await stage.start([woken])).toHaveLength(1);
      });

      it('are woken in every job that is free, however many sleep behind one', async () => {
        const jobs = [await stage.addJob(), await stage.addJob(), await stage.addJob()];
        const runs = [];
        for (const job of jobs) {
          runs.push(await stage.startOne(await stage.request(job)));
          await stage.start([await stage.request(job), await stage.request(job)]);
        }
        for (const run of runs.slice(0, 2)) await stage.record(run, SUCCEEDED);
        expect(await stage.stores.waiting.wake(stage.now)).toBe(2);
      });

      it(
        'are refused beyond a thousand, by the queue too, and those of another job are not',
        async () => {
          const [job, other] = [await stage.addJob(), await stage.addJob()];
          await stage.runSlot(job);
          const ids = await Promise.all(Array.from({ length: 1_000 }, () => stage.request(job)));
          const again = await stage.execution(ids[0] ?? '');
          const insert = (run: typeof again) => stage.stores.executions.insertRequest(run, SOMEBODY);
          expect(await insert({ ...again, executeId: 'one-more' })).toEqual({ kind: 'too many' });
          expect(await insert(again)).toMatchObject({ kind: 'exists' });
          expect(await stage.stores.requests.requestRun(job.jobId, 'one-more', stage.now, SOMEBODY)).toBe(
            false,
          );
          expect(await stage.stores.executions.find(ALL, 'one-more')).toBeNull();
          expect(await insert({ ...again, executeId: 'other', jobId: other.jobId })).toEqual({
            kind: 'stored',
          });
          expect(await stage.stores.requests.requestRun(other.jobId, 'queued', stage.now, SOMEBODY)).toBe(
            true,
          );
        },
        MANY_ROWS_MS,
      );

      it(
        'of no job are refused beyond a thousand of one tenant, and those of another tenant are not',
        async () => {
          const ids = await Promise.all(Array.from({ length: 1_000 }, () => stage.insert({})));
          const again = await stage.execution(ids[0] ?? '');
          const insert = (run: typeof again) => stage.stores.executions.insertRequest(run, SOMEBODY);
          expect(await insert({ ...again, executeId: 'one-more' })).toEqual({ kind: 'too many' });
          expect(await insert(again)).toMatchObject({ kind: 'exists' });
          expect(await insert({ ...again, executeId: 'other', tenantId: 'tenant-b' })).toEqual({
            kind: 'stored',
          });
        },
        MANY_ROWS_MS,
      );

      it('sleep on while that run waits for its retry', async () => {
        const job = await stage.addJob();
        const run = await stage.runSlot(job);
        await stage.start([await stage.request(job)]);
        await stage.record(run, FAILED);
        expect(await stage.stores.waiting.wake(stage.now)).toBe(0);
      });

      it('are not woken by another job', async () => {
        const [job, other] = [await stage.addJob(), await stage.addJob()];
        await stage.runSlot(job);
        await stage.start([await stage.request(job)]);
        await stage.record(await stage.startOne(await stage.request(other)), SUCCEEDED);
        expect(await stage.stores.waiting.wake(stage.now)).toBe(0);
      });
    });
  });

  describe('a long missed range', () => {
    it('is found with its schedule until its slots have been counted', async () => {
      const stage = await Stage.open(open);
      const { waiting } = stage.stores;
      const job = await stage.addJob({ schedule: EVERY_SECOND });
      stage.clock.pass(10 * MINUTE);
      await stage.claim();
      const [range] = await waiting.findUncounted(5);
      expect(range).toMatchObject({ slotAt: T0 + SECOND, slotTo: T0 + 538 * SECOND });
      if (range !== undefined) {
        const { count } = countSlots(scheduleOf(range.facts), range.slotAt, range.slotTo, 1_000);
        await waiting.writeCount(range.executeId, count);
      }
      expect((await stage.executionsOf(job))[0]).toMatchObject({ state: 'missed', slotCount: 538 });
      expect(await waiting.findUncounted(5)).toEqual([]);
      await stage.close();
    });
  });
}
