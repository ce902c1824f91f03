import { type Job } from '@ecron/domain';
import { ALL, EDITOR, jobOf, MINE, SOMEBODY, T0, THEIRS } from './fixtures.js';
import { jobEditConformance } from './job-edit.conformance.js';
import { Stage } from './stage.js';
import { type OpenStores } from './stores-under-test.js';

/** What every job store must do. */
export function jobStoreConformance(open: OpenStores): void {
  jobEditConformance(open);

  describe('jobs', () => {
    let stage: Stage;
    beforeEach(async () => {
      stage = await Stage.open(open);
    });
    afterEach(() => stage.close());

    const list = (filter: object = {}, scope = MINE) =>
      stage.stores.jobs.list(scope, { limit: 10, offset: 0, ...filter });
    const namesOf = (jobs: readonly Job[]) => jobs.map((job) => job.name);

    it('come back as they were written', async () => {
      const job = await stage.addJob({
        name: ' 定时任务 "x" %_ ',
        policy: { retry: { max_attempts: 2 } },
        beginAt: T0,
        remarks: "it's",
      });
      expect(await stage.stores.jobs.findByIds(MINE, [job.jobId])).toEqual([job]);
    });

    it('are found in the order they are asked for, each once, unknown ones left out', async () => {
      const [a, b] = [await stage.addJob(), await stage.addJob()];
      expect(await stage.stores.jobs.findByIds(MINE, [b.jobId, 'unknown', a.jobId, b.jobId])).toEqual([b, a]);
      expect(await stage.stores.jobs.findByIds(MINE, [])).toEqual([]);
    });

    it('are found among more than fit into one list', async () => {
      const jobs = await Promise.all(Array.from({ length: 130 }, () => stage.addJob()));
      const ids = jobs.map((job) => job.jobId);
      expect(await stage.stores.jobs.findByIds(MINE, ids)).toEqual(jobs);
    });

    it('of another tenant do not show anywhere, unless all are asked for', async () => {
      const job = await stage.addJob();
      expect(await stage.stores.jobs.findByIds(THEIRS, [job.jobId])).toEqual([]);
      expect(await list({}, THEIRS)).toEqual([]);
      expect(await stage.stores.jobs.count(THEIRS, {})).toBe(0);
      expect(await stage.stores.jobs.findByIds(ALL, [job.jobId])).toEqual([job]);
      expect(await list({}, ALL)).toEqual([job]);
      expect(await stage.stores.jobs.count(ALL, {})).toBe(1);
    });

    it('are listed newest first, by type and by when they were created, page by page', async () => {
      for (const [n, type] of (['scheduled', 'real-time', 'scheduled', 'scheduled'] as const).entries()) {
        await stage.addJob({ name: `n${n}`, type });
        stage.clock.pass(1);
      }
      expect(namesOf(await list())).toEqual(['n3', 'n2', 'n1', 'n0']);
      expect(namesOf(await list({ type: 'scheduled', createdUntil: T0 + 2 }))).toEqual(['n2', 'n0']);
      expect(namesOf(await list({ limit: 2, offset: 1 }))).toEqual(['n2', 'n1']);
    });

    it('that were created in one instant are listed in an order that stays', async () => {
      for (let n = 0; n < 5; n++) await stage.addJob();
      const pages = await Promise.all([0, 1, 2, 3, 4].map((offset) => list({ limit: 1, offset })));
      expect(pages.flat()).toEqual(await list());
    });

    it('are counted by when they were created, both ends included', async () => {
      for (let n = 0; n < 4; n++) {
        await stage.addJob();
        stage.clock.pass(1);
      }
      const count = (created: object) => stage.stores.jobs.count(MINE, created);
      expect(await Promise.all([count({}), count({ from: T0 + 1 }), count({ until: T0 + 1 })])).toEqual([
        4, 3, 2,
      ]);
      expect(await count({ from: T0 + 1, until: T0 + 2 })).toBe(2);
    });

    describe('of one name', () => {
      const insert = (name: string, tenantId = 'tenant-a') =>
        stage.stores.jobs.insert(jobOf({ name, tenantId }, stage.now), SOMEBODY);

      it('are refused within a tenant and allowed across', async () => {
        expect(await insert('nightly')).toBe('stored');
        expect(await insert('nightly')).toBe('name taken');
        expect(await insert('nightly', 'tenant-b')).toBe('stored');
        expect(await stage.stores.jobs.count(ALL, {})).toBe(2);
      });

      it.each([
        ['nightly', 'nightly  '],
        ['nightly ', 'nightly'],
        ['nightly ', 'nightly   '],
        ['x'.repeat(63), `${'x'.repeat(63)} `],
      ])('are the same with blanks at the end: "%s" and "%s"', async (first, second) => {
        expect(await insert(first)).toBe('stored');
        expect(await insert(second)).toBe('name taken');
      });

      it.each([' nightly', 'nightly\t', 'nightly x', 'night'])(
        'are not "nightly" and "%s"',
        async (other) => {
          await insert('nightly');
          expect(await insert(other)).toBe('stored');
        },
      );

      it('are refused in an edit, but a job may keep its own', async () => {
        await insert('nightly');
        const job = await stage.addJob({ name: 'daily' });
        const rename = (name: string) =>
          stage.stores.jobs.edit(MINE, [job.jobId], (j) => ({ ...j, name }), EDITOR);
        expect(await rename('nightly ')).toEqual({ kind: 'name taken' });
        expect(await rename('daily')).toMatchObject({ kind: 'edited' });
        expect(await rename('daily ')).toMatchObject({ kind: 'edited' });
      });

      it('are never stored twice by two that insert at once', async () => {
        const results = await Promise.all([insert('nightly'), insert('nightly '), insert('nightly')]);
        expect([...results].sort()).toEqual(['name taken', 'name taken', 'stored']);
      });
    });
  });
}
