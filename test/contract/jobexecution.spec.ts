import { randomUUID } from 'node:crypto';
import { eventually } from '../support/eventually.js';
import { jobBody, QUICK_RETRY, type JobBody } from '../support/jobs.js';
import { namedField, refusalOf, UNKNOWN_ID, unknownJob } from '../support/refusals.js';
import { useRig } from '../support/rig.js';

const MEMBERS =
  'execute_id job_id job_type job_name job_status begin_at end_at executor execute_times ext_info'.split(' ');

const rig = useRig();
const create = (path: string, over: JobBody = {}) => rig.api.create(jobBody(rig.target.url + path, over));
const refusal = (method: string, path: string, body?: unknown) => refusalOf(rig.api, method, path, body);

async function ended(executeId: string): Promise<void> {
  await eventually(async () => expect((await rig.api.execution(executeId)).ended_at).not.toBe(''));
}

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

  it('runs once under an execute_id that is asked for many times at once', async () => {
    const execute_id = randomUUID();
    const body = { job_context: context('/ok/at-once', { execute_id }) };
    const answers = await Promise.all(Array.from({ length: 8 }, () => rig.api.run(body)));
    expect(new Set(answers.map((one) => one.execute_id)).size).toBe(1);
    await ended(execute_id);
    await arrived('/ok/at-once', 1);
  });

  it('runs the stored job under an execute_id of the caller', async () => {
    const jobId = await create('/ok/stored-own-id');
    const execute_id = `mine:${randomUUID().slice(0, 8)}`;
    expect(await rig.api.run({ job_id: jobId, job_context: { execute_id } })).toMatchObject({ execute_id });
    await arrived('/ok/stored-own-id', 1);
  });

  it('runs a disabled job all the same', async () => {
    const jobId = await create('/ok/disabled', { enabled: false });
    await rig.api.run({ job_id: jobId });
    await arrived('/ok/disabled', 1);
  });

  it('refuses an unknown job', async () => {
    expect(await refusal('POST', '/jobexecution', { job_id: UNKNOWN_ID })).toEqual(unknownJob());
  });

  it.each<[string, object | null, string]>([
    ['nothing', {}, 'mode'],
    ['null', null, 'mode'],
    ['an unknown mode', { mode: 'ftp' }, 'mode'],
    ['no exec', { exec: '' }, 'job_context.exec'],
    ['an exec that is no URL', { exec: 'x' }, 'job_context.exec'],
    ['an unknown method', { info: { method: 'FETCH' } }, 'job_context.info.method'],
    ['a bad policy', { policy: { completion: 'x' } }, 'job_context.policy.completion'],
    ['a long execute_id', { execute_id: 'x'.repeat(37) }, 'job_context.execute_id'],
    ['an execute_id that is no name', { execute_id: 'a/b' }, 'job_context.execute_id'],
  ])('refuses %s, naming the field', async (_, over, field) => {
    const isWhole = over === null || Object.keys(over).length === 0;
    const body = isWhole ? over : { job_context: context('/ok', over) };
    expect(namedField(await refusal('POST', '/jobexecution', body))).toBe(field);
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

  it('refuses a result over 64 KiB and leaves the run as it is', async () => {
    const executeId = await accepted();
    const answer = await call(executeId, JSON.stringify({ text: 'x'.repeat(65_536) }));
    expect([answer.status, answer.json.code]).toEqual([413, 413009001]);
    expect((await rig.api.execution(executeId)).state).toBe('accepted');
  });

  it('answers 404 for an unknown id', async () => {
    const answer = await call(UNKNOWN_ID, '{}');
    expect([answer.status, answer.json.code]).toEqual([404, 404009001]);
  });
});
