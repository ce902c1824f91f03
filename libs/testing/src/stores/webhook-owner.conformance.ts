import { type Job } from '@ecron/domain';
import { ALL, reportOf, SOMEBODY, SUCCEEDED, THEIRS } from './fixtures.js';
import { Stage } from './stage.js';
import { type OpenStores } from './stores-under-test.js';
import { contextWith, HOOK } from './webhook-notice.conformance.js';

/** A caller may choose the id of a run, and so choose that of a job of another tenant. */
export function webhookOwnerConformance(open: OpenStores): void {
  describe('a run of another tenant under the id of a job', () => {
    let stage: Stage;
    beforeEach(async () => {
      stage = await Stage.open(open);
    });
    afterEach(() => stage.close());

    const told = async (): Promise<[string, string][]> =>
      (await stage.stores.deliveries.list(ALL, { limit: 500 })).map((d) => [d.deliveryId, d.tenantId]);
    const addRun = (job: Job): Promise<string> =>
      stage.insert({
        executeId: job.jobId,
        tenantId: 'tenant-b',
        context: contextWith({ webhook: 'https://theirs.test/' }),
        policy: {},
      });

    it('is not told of the ends of that job', async () => {
      const job = await stage.addJob();
      await addRun(job);
      await stage.record(await stage.runSlot(job), SUCCEEDED);
      expect(await told()).toEqual([]);
    });

    it('tells its own end to its own webhook alone', async () => {
      const job = await stage.addJob({ context: contextWith({ webhook: HOOK }) });
      await stage.record(await stage.startOne(await addRun(job)), SUCCEEDED);
      expect(await told()).toEqual([[job.jobId, 'tenant-b']]);
      expect((await stage.stores.deliveries.list(ALL, { limit: 1 }))[0]).toMatchObject({
        jobId: '',
        sequence: 1,
      });
      await stage.record(await stage.runSlot(job), SUCCEEDED);
      expect(await told()).toHaveLength(2);
    });

    it('tells nothing to the webhook of that job where it is only reported', async () => {
      const job = await stage.addJob({ context: contextWith({ webhook: HOOK }) });
      const report = reportOf({ jobId: '', executeId: job.jobId, state: 'succeeded' });
      await stage.stores.executions.report(THEIRS, 'tenant-b', [report], SOMEBODY);
      expect(await told()).toEqual([]);
    });
  });
}
