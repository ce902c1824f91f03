import { type Actor, type AuditRecord, type Job } from '@ecron/domain';
import { type AuditFilter } from '@ecron/jobs';
import { ACCEPTED, ALL, EDITOR, jobOf, MINE, reportOf, SOMEBODY, THEIRS } from './fixtures.js';
import { Stage } from './stage.js';
import { type OpenStores } from './stores-under-test.js';

const ADMIN: Actor = { userId: 'root', clientId: 'operators', requestId: 'call-9', source: 'api' };
const QUEUE: Actor = { userId: '', clientId: '', requestId: 'asked', source: 'queue' };

/** What every set of stores must put on record, and what not. */
export function auditStoreConformance(open: OpenStores): void {
  describe('the record of changes', () => {
    let stage: Stage;
    beforeEach(async () => {
      stage = await Stage.open(open);
    });
    afterEach(() => stage.close());

    const entries = (own: Partial<AuditFilter> = {}, scope = ALL) =>
      stage.stores.audit.list(scope, { limit: 1_000, ...own });
    const wordsOf = ({ action, objectId, result }: AuditRecord) => [action, objectId, result];
    /** What was put on record meanwhile, oldest first. */
    const during = async (work: () => Promise<unknown>): Promise<AuditRecord[]> => {
      const before = (await entries()).length;
      await work();
      const after = await entries();
      return after.slice(0, after.length - before).reverse();
    };

    it('has who, whose, what and when of each change of a job, and hashes that join', async () => {
      const job = await stage.addJob();
      stage.clock.pass(1);
      await stage.edit(job, { remarks: 'new', schedule: '0 0 * * * *' });
      stage.clock.pass(1);
      await stage.stores.jobs.remove(ALL, [job.jobId], ADMIN);
      const [created, edited, deleted] = (await entries()).reverse();
      expect(created).toMatchObject({
        actor: SOMEBODY,
        tenantId: 'tenant-a',
        at: stage.now - 2,
        action: 'job.create',
        objectKind: 'job',
        objectId: job.jobId,
        beforeHash: null,
        fields: [],
        result: 'created',
      });
      expect(edited).toMatchObject({
        action: 'job.update',
        fields: ['job_cron_time', 'remarks'],
        beforeHash: created?.afterHash,
        result: 'changed',
      });
      expect(deleted).toMatchObject({
        actor: ADMIN,
        tenantId: 'tenant-a',
        beforeHash: edited?.afterHash,
        afterHash: null,
        result: 'deleted',
      });
      expect(created?.afterHash).not.toBe(edited?.afterHash);
    });

    it('names what changed inside a context, and never a value', async () => {
      const job = await stage.addJob();
      const info = { ...job.context.info, headers: { 'x-token': 'canary' }, body: { password: 'canary' } };
      await stage.edit(job, {
        context: { ...job.context, info, notify: { webhook: 'http://canary.test/' } },
      });
      const [entry] = await entries();
      expect(entry?.fields).toEqual([
        'job_context.info.body',
        'job_context.info.headers.x-token',
        'job_context.notify.webhook',
      ]);
      const rows = await stage.stores.query('SELECT * FROM ecron_audit', []);
      expect(JSON.stringify(rows)).not.toContain('canary');
    });

    it('has one entry for each job of a change of many', async () => {
      const jobs: Job[] = [];
      for (let n = 0; n < 5; n++) jobs.push(await stage.addJob());
      const ids = jobs.map(({ jobId }) => jobId);
      const disable = { ...EDITOR, action: 'job.disable' } as const;
      const made = await during(() =>
        stage.stores.jobs.edit(MINE, ids, (job) => ({ ...job, enabled: false }), disable),
      );
      expect(made.map(wordsOf).sort()).toEqual(ids.map((id) => ['job.disable', id, 'changed']).sort());
      expect(made.every(({ fields }) => fields.join() === 'enabled')).toBe(true);
    });

    it('has nothing of what was refused', async () => {
      const job = await stage.addJob();
      const run = await stage.insert({});
      const twin = { ...(await stage.execution(run)), tenantId: 'tenant-b' };
      const fails = (): Job => {
        throw new Error('refused in the edit');
      };
      const { jobs, executions, requests } = stage.stores;
      const made = await during(async () => {
        await jobs.insert(jobOf({ name: job.name }, stage.now), SOMEBODY);
        await jobs.edit(THEIRS, [job.jobId], (one) => ({ ...one, remarks: 'x' }), EDITOR);
        await jobs.edit(MINE, [job.jobId, 'unknown'], (one) => ({ ...one, remarks: 'x' }), EDITOR);
        await jobs.edit(MINE, [job.jobId], fails, EDITOR).catch(() => undefined);
        await jobs.remove(THEIRS, [job.jobId], SOMEBODY);
        await executions.insertRequest(twin, SOMEBODY);
        await executions.cancel(THEIRS, run, '', SOMEBODY);
        await executions.completeByCallback(THEIRS, run, '{}', SOMEBODY);
        await executions.report(THEIRS, 'tenant-b', [reportOf({ jobId: job.jobId })], SOMEBODY);
        await requests.requestRun('unknown', 'asked', stage.now, QUEUE);
      });
      expect(made).toEqual([]);
    });

    it('has what is done to executions, and nothing of what changes nothing', async () => {
      const { executions } = stage.stores;
      const [asked, other] = [await stage.insert({}), await stage.insert({})];
      const accepted = await stage.startOne(asked);
      await stage.record(accepted, ACCEPTED);
      const running = await stage.startOne(other);
      const made = await during(async () => {
        for (const result of ['"first"', '"second"', '"third"'])
          await executions.completeByCallback(MINE, accepted.executeId, result, SOMEBODY);
        for (let n = 0; n < 2; n++) await executions.cancel(MINE, running.executeId, '', SOMEBODY);
        const report = reportOf({ state: 'succeeded', endAt: stage.now });
        for (let n = 0; n < 2; n++) await executions.report(MINE, 'tenant-a', [report], SOMEBODY);
      });
      expect(made.map(wordsOf)).toEqual([
        ['execution.callback', accepted.executeId, 'ended'],
        ['execution.cancel', running.executeId, 'marked'],
        ['execution.report', 'reported', 'succeeded'],
      ]);
    });

    it('names of what was reported only what has changed', async () => {
      const { executions } = stage.stores;
      const reports = [
        reportOf({}),
        reportOf({}),
        reportOf({ result: '"half"' }),
        reportOf({ state: 'succeeded', endAt: stage.now, result: '"half"' }),
      ];
      const made = await during(async () => {
        for (const report of reports) await executions.report(MINE, 'tenant-a', [report], SOMEBODY);
      });
      expect(made.map(({ fields }) => fields)).toEqual([[], [], ['result'], ['state']]);
    });

    it('has a late result of what had ended before, once', async () => {
      const { executions } = stage.stores;
      const run = await stage.startOne(await stage.insert({}));
      await stage.record(run, { kind: 'succeeded', result: null });
      const made = await during(async () => {
        for (let n = 0; n < 2; n++)
          await executions.completeByCallback(MINE, run.executeId, '"late"', SOMEBODY);
      });
      expect(made.map(wordsOf)).toEqual([['execution.callback', run.executeId, 'late result kept']]);
    });

    it('has the end of what was waiting for its start', async () => {
      const waiting = await stage.insert({});
      const made = await during(() => stage.stores.executions.cancel(MINE, waiting, '', SOMEBODY));
      expect(made).toMatchObject([{ result: 'ended', fields: ['state', 'reason'] }]);
    });

    it('has runs that are asked for by the queue once, under the source', async () => {
      const job = await stage.addJob();
      const made = await during(async () => {
        for (let n = 0; n < 2; n++)
          await stage.stores.requests.requestRun(job.jobId, 'asked', stage.now, QUEUE);
      });
      expect(made).toMatchObject([
        { actor: QUEUE, tenantId: 'tenant-a', action: 'execution.request', objectId: 'asked' },
      ]);
    });

    it('has nothing of runs by their schedule', async () => {
      const job = await stage.addJob();
      const made = await during(async () => {
        const run = await stage.runSlot(job);
        await stage.record(run, { kind: 'succeeded', result: null });
      });
      expect(made).toEqual([]);
    });

    it('has new and deleted secrets of webhooks', async () => {
      const { webhookSecrets } = stage.stores;
      const secret = { secretId: 's', tenantId: 'tenant-a', kind: 'symmetric', sealed: 'canary' } as const;
      const whole = { ...secret, publicKey: '', createdAt: stage.now };
      const made = await during(async () => {
        await webhookSecrets.insert(whole, SOMEBODY);
        await webhookSecrets.remove('tenant-b', 's', stage.now, SOMEBODY);
        await webhookSecrets.remove('tenant-a', 's', stage.now, SOMEBODY);
      });
      expect(made.map(wordsOf).sort()).toEqual([
        ['webhook.secret.create', 's', 'created'],
        ['webhook.secret.delete', 's', 'deleted'],
      ]);
    });

    describe('as it is read', () => {
      it('shows a tenant what was changed of its own, whoever changed it', async () => {
        const mine = await stage.addJob();
        const theirs = await stage.addJob({ tenantId: 'tenant-b' });
        expect((await entries({}, MINE)).map(({ objectId }) => objectId)).toEqual([mine.jobId]);
        expect((await entries({}, THEIRS)).map(({ objectId }) => objectId)).toEqual([theirs.jobId]);
        expect(await entries()).toHaveLength(2);
      });

      it('comes newest first, page by page', async () => {
        for (let n = 0; n < 5; n++) {
          await stage.addJob();
          if (n % 2 === 0) stage.clock.pass(1);
        }
        const all = await entries();
        const ids: string[] = [];
        for (let after: AuditFilter['after'], page = all; page.length > 0;) {
          page = await entries({ limit: 2, ...(after !== undefined && { after }) });
          ids.push(...page.map(({ auditId }) => auditId));
          after = page.at(-1);
        }
        expect(ids).toEqual(all.map(({ auditId }) => auditId));
        expect(all.map(({ at }) => at)).toEqual(all.map(({ at }) => at).sort((a, b) => b - a));
      });

      it('is filtered by time, user, action and object', async () => {
        const job = await stage.addJob();
        stage.clock.pass(10);
        await stage.edit(job, { remarks: 'x' });
        await stage.stores.jobs.insert(jobOf({}, stage.now), ADMIN);
        await stage.insert({});
        const count = async (filter: Partial<AuditFilter>) => (await entries(filter)).length;
        expect(await count({ from: stage.now })).toBe(3);
        expect(await count({ to: stage.now })).toBe(1);
        expect(await count({ userId: 'root' })).toBe(1);
        expect(await count({ action: 'job.create' })).toBe(2);
        expect(await count({ objectKind: 'execution' })).toBe(1);
        expect(await count({ objectId: job.jobId })).toBe(2);
        expect(await count({ objectId: job.jobId, action: 'job.delete' })).toBe(0);
      });
    });
  });
}
