import { type Job } from '@ecron/domain';
import { type ClaimedDelivery, type ClaimRequest, type Verdict } from '@ecron/notification';
import { ALL, HOUR, MINE, MINUTE, SECOND, SOMEBODY, SUCCEEDED, THEIRS } from './fixtures.js';
import { Stage } from './stage.js';
import { type OpenStores } from './stores-under-test.js';
import { contextWith, HOOK } from './webhook-notice.conformance.js';

const HOST = 'hooks.test:8443';
const DELIVERED: Verdict = { kind: 'delivered' };

/** The outbox, as the nodes that deliver and the callers that look see it. */
export function deliveryConformance(open: OpenStores): void {
  describe('the outbox', () => {
    let stage: Stage;
    let job: Job;
    beforeEach(async () => {
      stage = await Stage.open(open);
      job = await stage.addJob({ context: contextWith({ webhook: HOOK }) });
    });
    afterEach(() => stage.close());

    const store = () => stage.stores.deliveries;
    /** A run of the job that has ended. */
    const end = async (of = job): Promise<string> => {
      const run = await stage.runSlot(of);
      await stage.record(run, SUCCEEDED);
      stage.clock.pass(SECOND);
      return run.executeId;
    };
    const claim = (own: Partial<ClaimRequest> = {}): Promise<ClaimedDelivery[]> =>
      store().claim({
        host: HOST,
        limit: 10,
        token: 'node-1',
        now: stage.now,
        leaseUntil: stage.now + MINUTE,
        ...own,
      });
    const settle = (deliveryId: string, verdict: Verdict, token = 'node-1') =>
      store().settle([{ deliveryId, token, verdict, statusCode: 200, error: '' }], stage.now);
    const idsOf = (rows: readonly { deliveryId: string }[]) => rows.map((row) => row.deliveryId);
    const find = (deliveryId: string) => store().find(ALL, deliveryId);

    it('names the hosts that something waits for, in pages', async () => {
      const other = await stage.addJob({ context: contextWith({ webhook: 'http://a.test/' }) });
      await stage.addJob({ context: contextWith({ webhook: 'http://idle.test/' }) });
      await end();
      await end(other);
      await end(other);
      expect(await store().pendingHosts('', 10)).toEqual(['a.test', HOST]);
      expect(await store().pendingHosts('', 1)).toEqual(['a.test']);
      expect(await store().pendingHosts('a.test', 1)).toEqual([HOST]);
    });

    it('hands out what is due with all that sending takes, once', async () => {
      const id = await end();
      const [first, ...more] = await claim();
      expect(more).toEqual([]);
      expect(first).toMatchObject({
        deliveryId: id,
        url: HOOK,
        superseded: 0,
        execution: { executeId: id, state: 'succeeded', result: '{"rows":3}' },
        facts: { jobId: job.jobId, timeZone: 'UTC' },
      });
      expect(await claim({ token: 'node-2' })).toEqual([]);
    });

    it('hands out each row to one node, however many ask at once', async () => {
      for (let n = 0; n < 6; n++) await end();
      const claims = await Promise.all(
        ['a', 'b', 'c'].map((token) => claim({ token, limit: 3 }).catch(() => [])),
      );
      const ids = claims.flatMap(idsOf);
      expect(new Set(ids).size).toBe(ids.length);
    });

    it('hands out again what a node has claimed and not settled, once its lease is over', async () => {
      const id = await end();
      await claim();
      stage.clock.pass(MINUTE);
      expect(idsOf(await claim({ token: 'node-2' }))).toEqual([id]);
      await settle(id, { kind: 'given up' }, 'node-1');
      expect(await find(id)).toMatchObject({ status: 'pending', attempt: 0 });
      await settle(id, DELIVERED, 'node-2');
      expect(await find(id)).toMatchObject({ status: 'delivered', attempt: 1, endedAt: stage.now });
    });

    it('keeps what is to be tried again until it is due', async () => {
      const id = await end();
      await claim();
      await settle(id, { kind: 'again', dueAt: stage.now + HOUR });
      expect(await claim()).toEqual([]);
      expect(await find(id)).toMatchObject({ status: 'pending', attempt: 1, dueAt: stage.now + HOUR });
      stage.clock.pass(HOUR);
      expect(idsOf(await claim())).toEqual([id]);
    });

    it('hands out at once what was given back, which counts for no try', async () => {
      const id = await end();
      await claim();
      await settle(id, { kind: 'given back' });
      expect(await claim()).toMatchObject([{ deliveryId: id, attempt: 0 }]);
    });

    it('makes due what waits for a receiver that takes deliveries again', async () => {
      const [first, second] = [await end(), await end()];
      await claim();
      await settle(first, { kind: 'again', dueAt: stage.now + HOUR });
      await settle(second, { kind: 'again', dueAt: stage.now + HOUR });
      const third = await end();
      await claim();
      await settle(third, DELIVERED);
      expect(idsOf(await claim()).sort()).toEqual([first, second].sort());
    });

    it('gives up all that is meant for a webhook that is gone, and its job says so', async () => {
      const [first, second] = [await end(), await end()];
      await claim({ limit: 1 });
      const disabled_at = new Date(stage.now).toISOString().replace('.000', '');
      await settle(first, { kind: 'gone' });
      await end();
      expect(await store().list(ALL, { limit: 10 })).toMatchObject([
        { deliveryId: second, status: 'failed', error: 'the webhook is disabled: its receiver answered 410' },
        { deliveryId: first, status: 'failed', attempt: 1 },
      ]);
      const { notify } = (await stage.findJob(job))!.context;
      expect(notify).toEqual({ webhook: HOOK, disabled_at });
      expect(await store().replay(MINE, first, stage.now, SOMEBODY)).toBe('no webhook');
    });

    it('takes notices again once the webhook is set anew', async () => {
      const first = await end();
      await claim();
      await settle(first, { kind: 'gone' });
      await stage.edit(job, { context: contextWith({ webhook: HOOK }) });
      const second = await end();
      expect(idsOf(await claim())).toEqual([second]);
    });

    it('sends what waits to where the webhook leads now, or nowhere', async () => {
      const first = await end();
      await stage.edit(job, { context: contextWith({ webhook: 'http://new.test/' }) });
      expect(await store().pendingHosts('', 10)).toEqual(['new.test']);
      expect(await claim({ host: 'new.test' })).toMatchObject([
        { deliveryId: first, url: 'http://new.test/' },
      ]);
      await stage.edit(job, { context: contextWith({ webhook: '' }) });
      expect(await find(first)).toMatchObject({ status: 'cancelled', dueAt: null });
      expect(await store().pendingHosts('', 10)).toEqual([]);
    });

    it('delivers what a deleted job had to tell', async () => {
      const id = await end();
      await stage.stores.jobs.remove(MINE, [job.jobId], SOMEBODY);
      expect(await claim()).toMatchObject([{ deliveryId: id, url: HOOK, execution: { executeId: id } }]);
    });

    it('delivers once more what is replayed, with all its tries before it', async () => {
      const id = await end();
      await claim();
      await settle(id, DELIVERED);
      expect(await store().replay(THEIRS, id, stage.now, SOMEBODY)).toBe('unknown');
      expect(await store().replay(MINE, id, stage.now, SOMEBODY)).toBe('queued');
      expect(await find(id)).toMatchObject({
        status: 'pending',
        attempt: 0,
        endedAt: null,
        statusCode: null,
      });
      expect(idsOf(await claim())).toEqual([id]);
    });

    it('is listed newest first, by tenant, job, status and time, in pages', async () => {
      const other = await stage.addJob({
        tenantId: 'tenant-b',
        context: contextWith({ webhook: 'http://a.test/' }),
      });
      const ids = [await end(), await end(), await end(other)];
      await claim({ limit: 1 });
      await settle(ids[0]!, DELIVERED);
      const list = async (scope: typeof MINE, own = {}) =>
        idsOf(await store().list(scope, { limit: 10, ...own }));
      expect(await list(ALL)).toEqual([ids[2], ids[1], ids[0]]);
      expect(await list(MINE)).toEqual([ids[1], ids[0]]);
      expect(await list(THEIRS, { jobId: job.jobId })).toEqual([]);
      expect(await list(MINE, { status: 'delivered' })).toEqual([ids[0]]);
      const last = (await find(ids[1]!))!;
      const after = { createdAt: last.createdAt, deliveryId: last.deliveryId };
      expect(await list(ALL, { after })).toEqual([ids[0]]);
      expect(await list(ALL, { from: last.createdAt, to: last.createdAt + 1 })).toEqual([ids[1]]);
      expect(await store().find(THEIRS, ids[0]!)).toBeNull();
    });

    it('knows where the results of a job go, for its tenant', async () => {
      const bare = await stage.addJob();
      expect(await store().findWebhook(MINE, job.jobId)).toEqual({ url: HOOK, tenantId: 'tenant-a' });
      expect(await store().findWebhook(MINE, bare.jobId)).toEqual({ url: '', tenantId: 'tenant-a' });
      expect(await store().findWebhook(THEIRS, job.jobId)).toBeNull();
    });

    it('forgets what ended long ago, some at a time, and never what is still to be told', async () => {
      const [first, second, open] = [await end(), await end(), await end()];
      await claim({ limit: 2 });
      await settle(first, DELIVERED);
      await settle(second, DELIVERED);
      stage.clock.pass(HOUR);
      expect(await store().forget(stage.now, 1)).toBe(1);
      expect(await store().forget(stage.now, 5)).toBe(1);
      expect(idsOf(await store().list(ALL, { limit: 10 }))).toEqual([open]);
    });

    it('forgets a webhook once its job is gone and all is told', async () => {
      const running = await stage.runSlot(job);
      stage.clock.pass(SECOND);
      await stage.stores.jobs.remove(MINE, [job.jobId], SOMEBODY);
      expect(await store().forgetWebhooks(10)).toBe(0);
      await stage.record(running, SUCCEEDED);
      expect(await store().forgetWebhooks(10)).toBe(0);
      await claim();
      await settle(running.executeId, DELIVERED);
      await store().forget(stage.now + 1, 10);
      expect(await store().forgetWebhooks(10)).toBe(1);
    });
  });
}
