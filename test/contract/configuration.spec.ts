import { eventually, inParallel } from '../support/eventually.js';
import { jobBody } from '../support/jobs.js';
import { useRig } from '../support/rig.js';
import { type JobView } from '../support/shapes.js';

const CONFIGURATION = {
  ECRON_WEBHOOK: '/hooks/done',
  ECRON_JOB_FAILURES: '2',
  ECRON_HTTP_COMPLETION: 'callback',
  ECRON_TIME_ZONE: 'Asia/Shanghai',
};

const rig = useRig(CONFIGURATION);

describe('the configuration', () => {
  it('moves the path of callbacks, which the target is told', async () => {
    const { execute_id } = await rig.api.run({
      job_id: await rig.api.create(jobBody(`${rig.target.url}/ok/moved`)),
    });
    await eventually(async () => expect((await rig.api.execution(execute_id)).state).toBe('accepted'));
    const [seen] = await rig.target.seen('/ok/moved');
    expect(seen?.headers.webhook).toBe(`/hooks/done/${execute_id}`);
    const answer = await fetch(rig.app.management + seen?.headers.webhook, { method: 'POST', body: 'null' });
    expect(answer.status).toBe(200);
    expect((await rig.api.execution(execute_id)).state).toBe('succeeded');
    expect((await rig.api.call('POST', `/executionresult/${execute_id}`, null)).status).toBe(404);
  });

  it('counts a number of attempts below three as it is', async () => {
    const body = jobBody(`${rig.target.url}/status/500/twice`, {}, { policy: { retry: { base_s: 0.1 } } });
    const { execute_id } = await rig.api.run({ job_id: await rig.api.create(body) });
    const ended = await eventually(async () => {
      const execution = await rig.api.execution(execute_id);
      expect(execution.state).toBe('abandoned');
      return execution;
    });
    expect(ended.attempts).toHaveLength(2);
  });

  it('sets what jobs leave open: a zone for good, a policy until it changes', async () => {
    const id = await rig.api.create(jobBody(`${rig.target.url}/ok`));
    const before = await rig.api.job(id);
    expect(before.created_at).toMatch(/\+08:00$/);
    expect(before.time_zone).toBe('Asia/Shanghai');
    expect(before.job_context.policy).toMatchObject({ completion: 'callback', retry: { max_attempts: 2 } });
    await rig.api.must(200, 'PUT', `/job/${id}`, before);
    await rig.app.stop();
    await rig.app.boot({ ECRON_JOB_FAILURES: '7', ECRON_TIME_ZONE: 'Asia/Tokyo' });
    const after = await rig.api.job(id);
    expect(after.time_zone).toBe('Asia/Shanghai');
    expect(after.job_context.policy).toMatchObject({ completion: 'auto', retry: { max_attempts: 7 } });
    expect((await rig.api.job(await rig.api.create(jobBody(`${rig.target.url}/ok`)))).time_zone).toBe(
      'Asia/Tokyo',
    );
  });
});

describe('a list of many jobs', () => {
  it('has at most 1 000 in one answer', async () => {
    await inParallel(Array.from({ length: 1001 }), 32, () => rig.api.create(jobBody(`${rig.target.url}/ok`)));
    expect(await rig.api.get<JobView[]>('/job?limit=100000')).toHaveLength(1000);
    const ids = (await rig.api.get<JobView[]>('/job?limit=1000&page=2')).map((one) => one.job_id);
    expect(ids.length).toBeGreaterThanOrEqual(1);
  });
});
