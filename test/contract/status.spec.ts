import { randomUUID } from 'node:crypto';
import { eventually } from '../support/eventually.js';
import { jobBody, oneShot, QUICK_RETRY, secondAhead, type JobBody } from '../support/jobs.js';
import { bad, refusalOf, refused, UNKNOWN_ID, unknownJob } from '../support/refusals.js';
import { useRig } from '../support/rig.js';
import { type StatusView } from '../support/shapes.js';

const MEMBERS =
  'execute_id job_id job_type job_name job_status begin_at end_at executor execute_times ext_info'.split(' ');

const rig = useRig();
const encoded = encodeURIComponent;
const create = (path: string, over: JobBody = {}, context: JobBody = {}) =>
  rig.api.create(jobBody(rig.target.url + path, over, context));

const refusal = (method: string, path: string, body?: unknown) => refusalOf(rig.api, method, path, body);

async function ended(executeId: string): Promise<void> {
  await eventually(async () => expect((await rig.api.execution(executeId)).ended_at).not.toBe(''));
}

/** Runs the job to its end, `times` times; the execute ids, oldest first. */
async function runs(jobId: string, times: number): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 0; i < times; i++) {
    const { execute_id } = await rig.api.run({ job_id: jobId });
    await ended(execute_id);
    ids.push(execute_id);
  }
  return ids;
}

describe('GET /jobstatus', () => {
  it('shows a run at once, with all members in the old order', async () => {
    const jobId = await create('/slow/300', { job_type: 'timed' });
    const { execute_id } = await rig.api.run({ job_id: jobId });
    const [status] = await rig.api.statuses(`job_id=${jobId}`);
    expect(Object.keys(status ?? {})).toEqual(MEMBERS);
    expect(status).toMatchObject({
      execute_id,
      job_id: jobId,
      job_type: 'timed',
      job_status: 'executing',
      end_at: '',
    });
  });

  it('shows how it ended, who ran it and whose it is', async () => {
    const jobId = await create('/ok/ended');
    const [executeId] = await runs(jobId, 1);
    const [status] = await rig.api.statuses(`job_id=${jobId}`);
    expect(status).toMatchObject({ execute_id: executeId, job_status: 'success', execute_times: 1 });
    expect(status?.ext_info).toMatchObject({ is_deleted: 0, tenant_id: 'mock-client-id' });
    expect(Object.keys(status?.executor[0] ?? {})).toEqual(['executor_id', 'executed_at']);
    expect(Date.parse(status?.end_at ?? '')).toBeGreaterThanOrEqual(Date.parse(status?.begin_at ?? ''));
  });

  it.each(['query', 'path'])('gives only the latest run of a job asked for by %s alone', async (way) => {
    const jobId = await create('/ok/latest');
    const [, second] = await runs(jobId, 2);
    const list = await rig.api.get<StatusView[]>(
      way === 'path' ? `/jobstatus/${jobId}` : `/jobstatus?job_id=${jobId}`,
    );
    expect(list.map((one) => one.execute_id)).toEqual([second]);
  });

  it('shows a slot that was claimed ahead only once it has passed', async () => {
    const at = secondAhead(1000);
    const jobId = await rig.api.create(oneShot(`${rig.target.url}/ok/ahead`, at));
    await eventually(async () => expect(await rig.api.executions(`job_id=${jobId}`)).toHaveLength(1));
    expect(await rig.api.statuses(`job_id=${jobId}`)).toEqual([]);
    expect(await rig.api.statuses(`job_id=${jobId}&job_status=executing`)).toEqual([]);
    const [status] = await eventually(async () => {
      const list = await rig.api.statuses(`job_id=${jobId}`);
      expect(list).toMatchObject([{ job_status: 'success' }]);
      return list;
    });
    expect(Date.parse(status?.begin_at ?? '')).toBeGreaterThanOrEqual(at.getTime());
  });

  it('keeps the begin of the first start through retries', async () => {
    const jobId = await create('/flaky/1/begin', {}, { policy: { retry: { ...QUICK_RETRY, base_s: 1.1 } } });
    await runs(jobId, 1);
    const [status] = await rig.api.statuses(`job_id=${jobId}`);
    expect(status?.executor).toHaveLength(2);
    expect(status?.begin_at).toBe(status?.executor[0]?.executed_at);
    expect(status?.begin_at).not.toBe(status?.executor[1]?.executed_at);
  });

  it('gives all runs that match further filters, newest first', async () => {
    const jobId = await create('/ok/filtered');
    const ids = await runs(jobId, 3);
    const found = async (query: string) =>
      (await rig.api.statuses(`job_id=${jobId}&${query}`)).map((one) => one.execute_id);
    expect(await found('job_status=success')).toEqual(ids.toReversed());
    expect(await found('job_type=scheduled')).toHaveLength(3);
    expect(await found('job_type=timed')).toEqual([]);
    expect(await found('job_status=abandon')).toEqual([]);
    expect(await rig.api.get(`/jobstatus/${jobId}?job_status=success`)).toHaveLength(3);
  });

  it('filters by the begin, both bounds included', async () => {
    const jobId = await create('/ok/bounds');
    await runs(jobId, 1);
    const [status] = await rig.api.statuses(`job_id=${jobId}`);
    const at = encoded(status?.begin_at ?? '');
    expect(await rig.api.statuses(`job_id=${jobId}&begin_at=${at}&end_at=${at}`)).toHaveLength(1);
    expect(await rig.api.statuses(`job_id=${jobId}&begin_at=2100-01-01T00:00:00Z`)).toEqual([]);
    expect(await rig.api.statuses(`job_id=${jobId}&end_at=2001-01-01T00:00:00Z`)).toEqual([]);
  });

  it('answers an empty list for a job that never ran', async () => {
    expect(await rig.api.statuses(`job_id=${await create('/ok')}`)).toEqual([]);
  });

  it.each([
    ['', bad('Query parameters is null', 'job_id', 'job_type', 'job_status', 'begin_at', 'end_at')],
    [`job_id=${UNKNOWN_ID}`, unknownJob()],
    [`job_id=${UNKNOWN_ID}&job_type=x`, unknownJob()],
    ['job_type=x', bad('Illegal job type', 'job_type')],
    ['job_status=x', bad('Illegal job status', 'job_status')],
    ['begin_at=x&job_type=x', bad('Illegal time ', 'begin_at')],
    ['end_at=x', bad('Illegal time ', 'end_at')],
    [
      'begin_at=2030-01-02T00:00:00Z&end_at=2030-01-01T00:00:00Z',
      bad('End time is earlier than start time', 'begin_at', 'end_at'),
    ],
  ])('refuses the query %p', async (query, expected) => {
    expect(await refusal('GET', `/jobstatus?${query}`)).toEqual(expected);
  });

  it('answers 404 for an unknown id in the path', async () => {
    expect(await refusal('GET', `/jobstatus/${UNKNOWN_ID}`)).toEqual(unknownJob());
  });
});

describe('PUT /jobstatus', () => {
  const report = (jobId: string, over: Partial<StatusView> = {}) => ({
    execute_id: randomUUID(),
    job_id: jobId,
    job_type: 'scheduled',
    job_name: 'from outside',
    job_status: 'executing',
    begin_at: '2026-01-01T00:00:00Z',
    end_at: '',
    executor: [{ executor_id: 'elsewhere', executed_at: '2026-01-01T00:00:00Z' }],
    execute_times: 1,
    ext_info: {},
    ...over,
  });
  const put = (items: unknown, path = '/jobstatus') => rig.api.must<object>(200, 'PUT', path, items);

  it.each(['/jobstatus', `/jobstatus/${UNKNOWN_ID}`])(
    'takes what an outsider runs through %s, and its end',
    async (path) => {
      const sent = report(await create('/ok'));
      expect(await put([sent], path)).toEqual({ failed_job_id: [] });
      expect(await rig.api.execution(sent.execute_id)).toMatchObject({
        state: 'accepted',
        trigger: 'external',
      });
      const end = { ...sent, job_status: 'success', end_at: '2026-01-01T00:00:05Z' };
      expect(await put([end], path)).toEqual({ failed_job_id: [] });
      const [status] = await rig.api.statuses(`job_id=${sent.job_id}`);
      expect(status).toMatchObject({ ...end, ext_info: expect.anything() as unknown });
    },
  );

  it('keeps final states final', async () => {
    const sent = report(await create('/ok'), { job_status: 'abandon', end_at: '2026-01-01T00:00:05Z' });
    await put([sent]);
    for (const job_status of ['executing', 'success']) await put([{ ...sent, job_status }]);
    expect((await rig.api.statuses(`job_id=${sent.job_id}`))[0]?.job_status).toBe('abandon');
  });

  it('takes a run of a job that is not known here, and a run without executors', async () => {
    const sent = report(UNKNOWN_ID, { job_type: 'real-time', executor: [] });
    expect(await put([sent])).toEqual({ failed_job_id: [] });
    const shown = (await rig.api.statuses('job_type=real-time')).map((one) => one.execute_id);
    expect(shown).toEqual([sent.execute_id]);
  });

  it('ends a run whose outsider says no more', async () => {
    const jobId = await create('/ok', {}, { policy: { callback_timeout_s: 0.5 } });
    const sent = report(jobId);
    await put([sent]);
    await ended(sent.execute_id);
    expect(await rig.api.execution(sent.execute_id)).toMatchObject({
      state: 'interrupted',
      reason: 'no word',
    });
    expect((await rig.api.statuses(`job_id=${jobId}`))[0]?.job_status).toBe('interrupt');
  });

  it('names an item of a run of our own as failed, and leaves the run alone', async () => {
    const jobId = await create('/ok/own-run');
    const [executeId = ''] = await runs(jobId, 1);
    const answer = await put([report(jobId, { execute_id: executeId, job_status: 'abandon' })]);
    expect(answer).toEqual({ failed_job_id: [expect.stringMatching(`^(${jobId}|${executeId})$`)] });
    expect((await rig.api.execution(executeId)).state).toBe('succeeded');
  });

  const anyCause = expect.any(String) as string;
  const badBody = refused(400009001, anyCause, { parameters: ['body'] });
  const badField = (name: string) => refused(400009001, anyCause, { parameters: [`[0].${name}`] });

  it.each<[string, (item: object) => unknown, unknown]>([
    ['an empty list', () => [], bad('Empty status', 'body')],
    ['null', () => null, bad('Empty status', 'body')],
    ['an object', (item) => item, badBody],
    ['an unknown type', (item) => [item, { ...item, job_type: 'x' }], bad('Illegal job type', 'job_type')],
    [
      'an unknown status',
      (item) => [item, { ...item, job_status: 'x' }],
      bad('Illegal job status', 'job_status'),
    ],
    ['a bad begin', (item) => [{ ...item, begin_at: 'x' }], bad('Illegal time ', 'begin_at')],
    ['a bad end', (item) => [{ ...item, end_at: 'x' }], bad('Illegal time ', 'end_at')],
    ['no execute_id', (item) => [{ ...item, execute_id: undefined }], badField('execute_id')],
    [
      'an execute_id of 37 characters',
      (item) => [{ ...item, execute_id: 'x'.repeat(37) }],
      badField('execute_id'),
    ],
    [
      'more executors than may be',
      (item) => [{ ...item, executor: Array(101).fill({}) }],
      badField('executor'),
    ],
    ['times that are no number', (item) => [{ ...item, execute_times: 'x' }], badField('execute_times')],
  ])('refuses %s and keeps nothing of it', async (_, make, expected) => {
    const item = report(await create('/ok'));
    expect(await refusal('PUT', '/jobstatus', make(item))).toEqual(expected);
    expect(await rig.api.statuses(`job_id=${item.job_id}`)).toEqual([]);
  });
});
