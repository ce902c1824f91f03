import { type Database } from '@ecron/persistence';
import { type Claim, type HeldRow } from '@ecron/scheduling';
import {
  ACCEPTED,
  ALL,
  EDITOR,
  EVERY_SECOND,
  FAILED,
  HOURLY,
  MINE,
  reportOf,
  SECOND,
  SOMEBODY,
  T0,
} from './fixtures.js';
import { type MysqlOptions, type MysqlServer, MysqlTestDatabase } from './mysql-stores.js';
import { sqlStores } from './sql-stores.js';
import { Stage } from './stage.js';

const NODES = 4;
/** How often a race is run, so that both orders come up. */
const ROUNDS = 15;

/** What several processes must do right beside each other on one database, which only a real server can get wrong. */
export function clusterConformance(server: MysqlServer, options: MysqlOptions): void {
  describe('several nodes', () => {
    let test: MysqlTestDatabase;
    let databases: Database[];
    let nodes: [Stage, Stage, Stage, Stage];

    beforeAll(async () => {
      test = await MysqlTestDatabase.create(server);
      databases = [];
      for (let n = 0; n < NODES; n++) databases.push(await test.open(options));
    });
    afterAll(() => test.drop());
    beforeEach(async () => {
      await test.empty();
      const open = (database: Database) => Stage.open(async (clock) => sqlStores(database, clock));
      nodes = (await Promise.all(databases.map(open))) as typeof nodes;
    });

    const passAll = (ms: number): void => nodes.forEach((node) => node.clock.pass(ms));
    const idsOf = (rows: readonly { executeId: string }[]): string[] => rows.map((row) => row.executeId);
    const rounds = async (race: () => Promise<void>): Promise<void> => {
      for (let n = 0; n < ROUNDS; n++) await race();
    };

    it('claim each slot once', async () => {
      const [first] = nodes;
      await Promise.all(Array.from({ length: 200 }, () => first.addJob({ schedule: '5 * * * * *' })));
      const claimAll = async (node: Stage, n: number): Promise<Claim[]> => {
        const claims: Claim[] = [];
        while ((await first.stores.claims.isAnyDue(T0 + 5 * SECOND)) && claims.length < 100)
          claims.push(await node.claim({ holder: `analysis-${n}`, limit: 30 }));
        return claims;
      };
      const claims = (await Promise.all(nodes.map(claimAll))).flat();
      const ids = idsOf(claims.flatMap((claim) => claim.held));
      expect([ids.length, new Set(ids).size]).toEqual([200, 200]);
      expect(claims.reduce((sum, claim) => sum + claim.jobs, 0)).toBe(200);
      expect(await first.stores.claims.isAnyDue(T0 + 5 * SECOND)).toBe(false);
    });

    it('take each row once', async () => {
      const [first] = nodes;
      const all = await Promise.all(Array.from({ length: 100 }, () => first.insert({})));
      const taken = await Promise.all(nodes.map((node, n) => node.take({ holder: `analysis-${n}` })));
      expect(idsOf(taken.flat()).sort()).toEqual(all.sort());
      const holdersOf = (rows: readonly HeldRow[]) =>
        Promise.all(rows.map(async ({ executeId }) => (await first.row(executeId))?.['holder']));
      for (const [n, rows] of taken.entries())
        expect(await holdersOf(rows)).toEqual(rows.map(() => `analysis-${n}`));
    });

    it('start each row once', async () => {
      const [first] = nodes;
      const jobs = await Promise.all(Array.from({ length: 60 }, () => first.addJob()));
      const ids = await Promise.all(jobs.map((job) => first.request(job)));
      const started = await Promise.all(nodes.map((node, n) => node.start(ids, `management-${n}`)));
      expect(idsOf(started.flat()).sort()).toEqual([...ids].sort());
      expect(started.flat().every((run) => run.epoch === 1 && run.attempt === 1)).toBe(true);
      const active = await first.activeRows();
      expect(active.map((row) => row['execute_id']).sort()).toEqual([...ids].sort());
    });

    it('run one of several runs of a job', async () => {
      const [first] = nodes;
      await rounds(async () => {
        const job = await first.addJob();
        const ids = await Promise.all(nodes.map((node) => node.request(job)));
        const started = await Promise.all(nodes.map((node, n) => node.start([ids[n] ?? ''])));
        expect(started.flat()).toHaveLength(1);
      });
    });

    it('store one of several jobs of the same name', async () => {
      await rounds(async () => {
        const name = `name ${Math.random()}`;
        const stored = await Promise.all(
          nodes.map(async (node) => {
            const job = await node.addJob();
            const own = await node.findJob(job);
            return node.stores.jobs.insert(
              { ...job, ...own, jobId: `${job.jobId.slice(0, -1)}x`, name },
              SOMEBODY,
            );
          }),
        );
        expect(stored.sort()).toEqual(['name taken', 'name taken', 'name taken', 'stored']);
      });
    });

    it('give a name to one of several jobs that are renamed to it', async () => {
      const [first, second] = nodes;
      await rounds(async () => {
        const name = `name ${Math.random()}`;
        const jobs = [await first.addJob(), await first.addJob()] as const;
        const rename = (node: Stage, jobId: string) =>
          node.stores.jobs.edit(MINE, [jobId], (job) => ({ ...job, name }), EDITOR);
        const results = await Promise.all([rename(first, jobs[0].jobId), rename(second, jobs[1].jobId)]);
        expect(results.map((result) => result.kind).sort()).toEqual(['edited', 'name taken']);
      });
    });

    it('edit one job one after the other', async () => {
      const job = await nodes[0].addJob();
      const append = (node: Stage) =>
        node.stores.jobs.edit(MINE, [job.jobId], (was) => ({ ...was, remarks: `${was.remarks}x` }), EDITOR);
      await Promise.all(nodes.map(append));
      expect(await nodes[0].findJob(job)).toMatchObject({ version: 1 + NODES, remarks: 'xxxx' });
    });

    it('edit the same jobs, named in different orders', async () => {
      const jobs = await Promise.all(Array.from({ length: 8 }, () => nodes[0].addJob()));
      const ids = jobs.map((job) => job.jobId);
      const edit = (node: Stage, n: number) =>
        node.stores.jobs.edit(
          MINE,
          n % 2 ? ids : [...ids].reverse(),
          (job) => ({ ...job, remarks: `${n}` }),
          EDITOR,
        );
      const results = await Promise.all(nodes.map(edit));
      expect(results.map((result) => result.kind)).toEqual(nodes.map(() => 'edited'));
    });

    it('leave no slot of the old schedule behind an edit, whoever claims meanwhile', async () => {
      const [first, second] = nodes;
      await rounds(async () => {
        const job = await first.addJob({ schedule: EVERY_SECOND });
        await Promise.all([first.claim(), second.edit(job, { schedule: HOURLY })]);
        expect(await first.executionsOf(job)).toEqual([]);
      });
    });

    it('start nothing of a job whose disabling came first', async () => {
      const [first, second] = nodes;
      const job = await first.addJob();
      const executeId = await first.claimSlot(job);
      passAll(10 * SECOND);
      let commit = (): void => undefined;
      const locked = new Promise<void>((isLocked) => {
        const gate = new Promise<void>((open) => (commit = open));
        void databases[0]?.write('edit', async (sql) => {
          await sql.all(`SELECT 1 FROM ecron_job WHERE job_id = ?${sql.dialect.lock('exclusive')}`, [
            job.jobId,
          ]);
          isLocked();
          await gate;
          await sql.run('UPDATE ecron_job SET enabled = 0 WHERE job_id = ?', [job.jobId]);
        });
      });
      await locked;
      const start = second.start([executeId]);
      await test.untilOneWaits();
      commit();
      expect(await start).toEqual([]);
      expect(await first.execution(executeId)).toMatchObject({
        state: 'interrupted',
        reason: 'job disabled',
      });
    });

    it('start a slot or end it, while its job is disabled or deleted, never both', async () => {
      const [first, second] = nodes;
      await rounds(async () => {
        const [disabled, deleted] = [await first.addJob(), await first.addJob()];
        const ids = [await first.claimSlot(disabled), await first.claimSlot(deleted)];
        second.clock.set(first.now);
        const [started] = await Promise.all([
          second.start(ids),
          first.edit(disabled, { enabled: false }),
          first.stores.jobs.remove(ALL, [deleted.jobId], SOMEBODY),
        ]);
        const rows = await Promise.all(ids.map((id) => first.row(id)));
        const running = rows.filter((row) => row?.['state'] === 'running').map((row) => row?.['execute_id']);
        expect(running.sort()).toEqual(idsOf(started).sort());
        const active = (await first.activeRows()).map((row) => row['execute_id']);
        expect(active.filter((id) => ids.includes(String(id))).sort()).toEqual(running);
      });
    });

    it('end a run once, by its record or by its callback', async () => {
      const [first, second] = nodes;
      await rounds(async () => {
        const job = await first.addJob({ policy: { retry: { max_attempts: 1 } } });
        const run = await first.runSlot(job);
        second.clock.set(first.now);
        const complete = () =>
          second.stores.executions.completeByCallback(ALL, run.executeId, 'done', SOMEBODY);
        const [recorded, completed] = await Promise.all([first.record(run, FAILED), complete()]);
        const { state } = await first.execution(run.executeId);
        expect([recorded.length, completed, state]).toEqual(
          completed === 'ended' ? [0, 'ended', 'succeeded'] : [1, 'already final', 'abandoned'],
        );
        expect((await first.activeRows()).map((row) => row['execute_id'])).not.toContain(run.executeId);
      });
    });

    it('heed the cancel of a run without a job, before or after it is accepted', async () => {
      const [first, second] = nodes;
      await rounds(async () => {
        const run = await first.startOne(await first.insert({}));
        const cancel = () => second.stores.executions.cancel(ALL, run.executeId, 'enough', SOMEBODY);
        await Promise.all([first.record(run, ACCEPTED), cancel()]);
        expect((await first.execution(run.executeId)).state).toBe('interrupted');
      });
    });

    it('let a run that has been accepted end once, by its callback or its deadline', async () => {
      const [first, second] = nodes;
      await rounds(async () => {
        const run = await first.runSlot(await first.addJob());
        await first.record(run, ACCEPTED);
        passAll(24 * 3_600 * SECOND);
        const [overdue] = await first.stores.waiting.findOverdueCallbacks(first.now, 10);
        if (overdue === undefined) throw new Error('nothing is overdue');
        const settlement = {
          state: 'abandoned',
          reason: 'callback timeout',
          endedAt: first.now,
          dueAt: null,
        } as const;
        const [settled, completed] = await Promise.all([
          first.stores.waiting.settleAccepted(overdue, { ...settlement, error: '', attempts: [] }),
          second.stores.executions.completeByCallback(ALL, run.executeId, 'done', SOMEBODY),
        ]);
        expect([settled, completed]).toEqual(settled ? [true, 'already final'] : [false, 'ended']);
      });
    });

    it('store a request once that is made twice', async () => {
      const [first] = nodes;
      await rounds(async () => {
        const request = await first.execution(await first.insert({}));
        const twin = { ...request, executeId: `${request.executeId.slice(0, -1)}x` };
        const results = await Promise.all(
          nodes.map((node) => node.stores.executions.insertRequest(twin, SOMEBODY)),
        );
        expect(results.map((result) => result.kind).sort()).toEqual(['exists', 'exists', 'exists', 'stored']);
      });
    });

    it('refuse none of several reports of one run', async () => {
      await rounds(async () => {
        const item = reportOf({ executeId: `reported ${Math.random()}`.slice(0, 36) });
        const refused = await Promise.all(
          nodes.map((node) => node.stores.executions.report(MINE, 'tenant-a', [item], SOMEBODY)),
        );
        expect(refused).toEqual(nodes.map(() => []));
      });
    });

    it('carry a transaction out anew that was in a deadlock with another', async () => {
      const [first] = nodes;
      const jobs = [await first.addJob(), await first.addJob()] as const;
      let tries = 0;
      const both = new Map<number, () => void>();
      const met = Promise.all([0, 1].map((n) => new Promise<void>((resolve) => both.set(n, resolve))));
      const write = (n: number, order: readonly string[]) =>
        databases[n]?.write('edit', async (sql) => {
          tries++;
          for (const [at, jobId] of order.entries()) {
            await sql.run(`UPDATE ecron_job SET remarks = CONCAT(remarks, '${n}') WHERE job_id = ?`, [jobId]);
            if (at === 0) both.get(n)?.();
            if (at === 0) await met;
          }
        });
      const [a, b] = [jobs[0].jobId, jobs[1].jobId];
      await Promise.all([write(0, [a, b]), write(1, [b, a])]);
      expect(tries).toBe(3);
      const remarks = await Promise.all(jobs.map(async (job) => (await first.findJob(job))?.remarks));
      expect(remarks.map((text) => [...(text ?? '')].sort())).toEqual([
        ['0', '1'],
        ['0', '1'],
      ]);
    });
  });
}
