import { eventually } from '../support/eventually.js';
import { jobBody, QUICK_RETRY } from '../support/jobs.js';
import { useRig } from '../support/rig.js';

const rig = useRig();

describe('a target that no job may call', () => {
  const ownApi = () => new URL(rig.app.management);
  const own: [string, () => string][] = [
    ['the API, by its address', () => `http://127.0.0.1:${ownApi().port}/health/ready`],
    ['the API, by a name', () => `http://localhost:${ownApi().port}/health/ready`],
    ['the API, by a number', () => `http://2130706433:${ownApi().port}/health/ready`],
  ];
  it.each<[string, () => string]>([
    // On a cluster another node may run it, which does not know where this one listens.
    ...(process.env['ECRON_TEST_CLUSTER'] ? [] : own),
    ['a metadata service', () => 'http://169.254.169.254/latest/meta-data/'],
  ])('%s, ends the run failed at its first attempt', async (_, url) => {
    const jobId = await rig.api.create(jobBody(url(), {}, { policy: { retry: QUICK_RETRY } }));
    const { execute_id } = await rig.api.run({ job_id: jobId });
    await eventually(async () =>
      expect(await rig.api.execution(execute_id)).toMatchObject({
        state: 'failed',
        reason: 'bad target',
        job_status: 'failure',
        attempts: [{ outcome: 'failed', error: expect.stringContaining('target refused: ') as string }],
      }),
    );
  });
});
