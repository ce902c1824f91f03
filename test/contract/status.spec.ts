import { randomUUID } from 'node:crypto';
import { eventually } from '../support/eventually.js';
import { jobBody, QUICK_RETRY, type JobBody } from '../support/jobs.js';
import { useRig } from '../support/rig.js';
import { type ErrorBody, type StatusView } from '../support/shapes.js';

const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';
const MEMBERS =
  'execute_id job_id job_type job_name job_status begin_at end_at executor execute_times ext_info'.split(' ');

const rig = useRig();
const encoded = encodeURIComponent;
const create = (path: string, over: JobBody = {}) => rig.api.create(jobBody(rig.target.url + path, over));

async function refusal(
  method: string,
  path: string,
  body?: unknown,
): Promise<ErrorBody & { status: number }> {
  const answer = await rig.api.call(method, path, body);
  return { status: answer.status, ...answer.json };
}
const bad = (cause: string, ...parameters: string[]) => ({
  status: 400,
  code: 400009001,
  cause,
  detail: { parameters },
});
const unknownJob = {
  status: 404,
  code: 404009001,
  cause: 'This job does not exist',
  detail: { conflicts: ['job_id'] },
};

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

  it('gives all runs that match further filters, newest first', async () => {
    const jobId = await create('/ok/filtered');
    const ids = await runs(jobId, 3);
    const found = async (query: string) =>
      (await rig.api.statuses(`job_id=${jobId}&${query}`)).map((one) => one.execute_id);
    expect(await found('job_status=success')).toEqual(ids.toReversed());
    expect(await found('job_type=scheduled')).toHaveLength(3);
    expect(await found('job_type=timed')).toEqual([]);
    expect(await found('job_status=abandon')).toEqual([]);
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
    [`job_id=${UNKNOWN_ID}`, unknownJob],
    [`job_id=${UNKNOWN_ID}&job_type=x`, unknownJob],
    ['job_type=x', bad('Illegal job type', 'job_type')],
    ['job_status=x', bad('Illegal job status', 'job_status')],
    ['begin_at=x&job_type=x', bad('Illegal time ', 'begin_at')],
    ['end_at=x', bad('Illegal time ', 'end_at')],
    [
      'begin_at=2030-01-02T00:00:00Z&end_at=2030-01-01T00:00:00Z',
      bad('End time is earlier than start time', 'begin_at', 'end_at'),
    ],
  ])('refuses the query %p', async (query, expected) => {
    expect(await refusal('GET', `/jobstatus?${query}`)).toMatchObject(expected);
  });

  it('answers 404 for an unknown id in the path', async () => {
    expect(await refusal('GET', `/jobstatus/${UNKNOWN_ID}`)).toMatchObject(unknownJob);
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

  it('names an item of a run of our own as failed, and leaves the run alone', async () => {
    const jobId = await create('/ok/own-run');
    const [executeId = ''] = await runs(jobId, 1);
    const answer = await put([report(jobId, { execute_id: executeId, job_status: 'abandon' })]);
    expect(answer).toEqual({ failed_job_id: [expect.stringMatching(`^(${jobId}|${executeId})$`)] });
    expect((await rig.api.execution(executeId)).state).toBe('succeeded');
  });

  it.each<[string, (item: object) => unknown, object]>([
    ['an empty list', () => [], { status: 400, code: 400009001, cause: 'Empty status' }],
    ['null', () => null, { status: 400, code: 400009001 }],
    ['an object', (item) => item, { status: 400, code: 400009001 }],
    ['an unknown type', (item) => [item, { ...item, job_type: 'x' }], bad('Illegal job type', 'job_type')],
    [
      'an unknown status',
      (item) => [item, { ...item, job_status: 'x' }],
      bad('Illegal job status', 'job_status'),
    ],
    ['a bad begin', (item) => [{ ...item, begin_at: 'x' }], bad('Illegal time ', 'begin_at')],
    ['a bad end', (item) => [{ ...item, end_at: 'x' }], bad('Illegal time ', 'end_at')],
  ])('refuses %s and keeps nothing of it', async (_, make, expected) => {
    const item = report(await create('/ok'));
    expect(await refusal('PUT', '/jobstatus', make(item))).toMatchObject(expected);
    expect(await rig.api.statuses(`job_id=${item.job_id}`)).toEqual([]);
  });
});

describe('POST /jobexecution', () => {
  const context = (path: string, over: object = {}) => ({
    mode: 'http',
    exec: rig.target.url + path,
    info: {},
    policy: { retry: QUICK_RETRY },
    ...over,
  });
  const arrived = (path: string, times: number) =>
    eventually(async () => expect(await rig.target.seen(path)).toHaveLength(times));

  it('runs the stored job and answers at once', async () => {
    const jobId = await create('/ok/stored');
    const status = await rig.api.run({ job_id: jobId });
    expect(Object.keys(status)).toEqual(MEMBERS);
    expect(status).toMatchObject({ job_id: jobId, job_status: 'executing', execute_times: 1, end_at: '' });
    expect(status.executor).toHaveLength(1);
    await arrived('/ok/stored', 1);
    expect(await rig.api.execution(status.execute_id)).toMatchObject({
      trigger: 'request',
      job_id: jobId,
      slot_at: '',
    });
  });

  it('runs a context that comes along instead of the stored one', async () => {
    const jobId = await create('/ok/not-this');
    const { execute_id } = await rig.api.run({ job_id: jobId, job_context: context('/ok/but-this') });
    await ended(execute_id);
    expect([await rig.target.seen('/ok/not-this'), await rig.target.seen('/ok/but-this')]).toMatchObject([
      [],
      [{}],
    ]);
    expect((await rig.api.statuses(`job_id=${jobId}`))[0]?.execute_id).toBe(execute_id);
  });

  it('runs a context without a job', async () => {
    const { execute_id } = await rig.api.run({ job_context: context('/ok/no-job') });
    await ended(execute_id);
    expect((await rig.api.execution(execute_id)).state).toBe('succeeded');
    await arrived('/ok/no-job', 1);
  });

  it('runs under an execute_id of the caller, once', async () => {
    const jobId = await create('/ok/own-id');
    const execute_id = randomUUID();
    const body = { job_id: jobId, job_context: context('/ok/own-id', { execute_id }) };
    expect((await rig.api.run(body)).execute_id).toBe(execute_id);
    await ended(execute_id);
    const again = await rig.api.run(body);
    expect(again).toMatchObject({ execute_id, job_status: 'success' });
    await arrived('/ok/own-id', 1);
    expect(await rig.api.executions(`job_id=${jobId}`)).toHaveLength(1);
  });

  it('runs a disabled job all the same', async () => {
    const jobId = await create('/ok/disabled', { enabled: false });
    await runs(jobId, 1);
    await arrived('/ok/disabled', 1);
  });

  it('refuses an unknown job, and a mode that is none', async () => {
    expect(await refusal('POST', '/jobexecution', { job_id: UNKNOWN_ID })).toMatchObject(unknownJob);
    const wrong = { job_context: context('/ok', { mode: 'ftp' }) };
    expect(await refusal('POST', '/jobexecution', wrong)).toMatchObject(
      bad('Unsupported execution mode', 'mode'),
    );
  });
});

describe('POST {webhook}/:execute_id', () => {
  const accepted = async () => {
    const { execute_id } = await rig.api.run({ job_id: await create('/accept') });
    await eventually(async () => expect((await rig.api.execution(execute_id)).state).toBe('accepted'));
    return execute_id;
  };
  const call = (executeId: string, raw: string) =>
    rig.api.send('POST', `/executionresult/${executeId}`, raw, { 'content-type': 'application/json' });

  it.each([
    ['an object', '{"rows":3}', { rows: 3 }],
    ['null', 'null', null],
  ])('ends the run with %s as its result', async (_, raw, result) => {
    const executeId = await accepted();
    const answer = await call(executeId, raw);
    expect([answer.status, answer.text]).toEqual([200, '']);
    const run = await rig.api.execution(executeId);
    expect(run).toMatchObject({ state: 'succeeded', job_status: 'success', result });
    const [status] = await rig.api.statuses(`job_id=${run.job_id}`);
    expect(status).toMatchObject({ job_status: 'success', ext_info: { result } });
  });

  it.each(['[]', '"text"', '7', '{"rows":', ''])('refuses %p and leaves the run as it is', async (raw) => {
    const executeId = await accepted();
    const answer = await call(executeId, raw);
    expect([answer.status, answer.json.code]).toEqual([400, 400009001]);
    expect((await rig.api.execution(executeId)).state).toBe('accepted');
  });

  it('answers 404 for an unknown id', async () => {
    const answer = await call(UNKNOWN_ID, '{}');
    expect([answer.status, answer.json.code]).toEqual([404, 404009001]);
  });
});
