import {
  ALICE,
  BOB,
  type FakeDoorbell,
  type FakeExecutionStore,
  FixedClock,
  jobInput,
  openServices,
  SETTINGS,
} from '../../test/fakes.js';
import { CallbackService } from '../callback/callback.service.js';
import { type RequestService } from './request.service.js';

let executions: FakeExecutionStore;
let doorbell: FakeDoorbell;
let requests: RequestService;
let jobId: string;

beforeEach(async () => {
  const opened = openServices();
  ({ executions, doorbell, requests } = opened);
  jobId = await opened.service.create(ALICE, jobInput());
});

const stored = (executeId: string) => executions.executions.get(executeId);

describe('asking for a run', () => {
  it('writes a waiting row of the stored job, answers its first start and rings', async () => {
    const status = await requests.request(ALICE, { job_id: jobId });
    expect(status).toEqual({
      execute_id: status.execute_id,
      job_id: jobId,
      job_type: 'scheduled',
      job_name: 'n',
      job_status: 'executing',
      begin_at: '2026-11-24T01:00:00Z',
      end_at: '',
      executor: [{ executor_id: 'the-service', executed_at: '2026-11-24T01:00:00Z' }],
      execute_times: 1,
      ext_info: {},
    });
    expect(stored(status.execute_id)).toMatchObject({
      trigger: 'request',
      state: 'waiting',
      context: null,
      jobVersion: 1,
      maxAttempts: 3,
      tenantId: 'tenant-a',
    });
    expect(doorbell.requests.map((data) => data.job_context.execute_id)).toEqual([status.execute_id]);
  });

  it('takes an execute_id beside the job_id for a run of the stored job', async () => {
    await requests.request(ALICE, { job_id: jobId, job_context: { execute_id: 'mine' } });
    expect(stored('mine')).toMatchObject({ jobId, context: null });
  });

  it('is refused, and rings nothing, where too many runs of the job are waiting', async () => {
    jest.spyOn(executions, 'insertRequest').mockResolvedValue({ kind: 'too many' });
    await expect(requests.request(ALICE, { job_id: jobId })).rejects.toMatchObject({
      kind: 'too many requests',
      detail: { conflicts: ['job_id'] },
    });
    expect(doorbell.requests).toEqual([]);
  });

  it('runs a context of its own, with its own policy', async () => {
    const context = { mode: 'exe', exec: '/bin/true', policy: { retry: { max_attempts: 7 } } };
    const { execute_id } = await requests.request(ALICE, {
      job_id: jobId,
      job_name: 'other',
      job_context: context,
    });
    expect(stored(execute_id)).toMatchObject({
      jobId,
      jobName: 'other',
      maxAttempts: 7,
      context: { mode: 'exe' },
    });
  });

  it('needs no job for a context of its own, and never takes that of another tenant', async () => {
    const input = jobInput({ job_id: jobId });
    const { execute_id, job_id } = await requests.request(BOB, input);
    expect(job_id).toBe(jobId);
    expect(stored(execute_id)).toMatchObject({ jobId: '', jobVersion: 0, tenantId: 'tenant-b' });
  });

  it('answers a known execute_id with its status and starts nothing', async () => {
    await requests.request(ALICE, { job_id: jobId, job_context: { execute_id: 'mine' } });
    const again = await requests.request(ALICE, { job_id: jobId, job_context: { execute_id: 'mine' } });
    expect(again).toMatchObject({
      execute_id: 'mine',
      execute_times: 0,
      ext_info: { tenant_id: 'tenant-a' },
    });
    expect(doorbell.requests).toHaveLength(1);
  });

  it('refuses an execute_id that another tenant uses', async () => {
    await requests.request(ALICE, { job_id: jobId, job_context: { execute_id: 'mine' } });
    const theirs = requests.request(BOB, jobInput({}, { execute_id: 'mine' }));
    await expect(theirs).rejects.toMatchObject({ kind: 'execute id taken' });
  });

  it('refuses an unknown job, no job at all, and an id that no path can carry', async () => {
    await expect(requests.request(BOB, { job_id: jobId })).rejects.toMatchObject({ kind: 'unknown job' });
    await expect(requests.request(ALICE, {})).rejects.toMatchObject({ kind: 'bad mode' });
    const bad = requests.request(ALICE, { job_id: jobId, job_context: { execute_id: 'a/b' } });
    await expect(bad).rejects.toMatchObject({ detail: { parameters: ['job_context.execute_id'] } });
  });
});

describe('a callback', () => {
  const callbacks = () => new CallbackService(executions, doorbell, new FixedClock(), SETTINGS);

  beforeEach(() => requests.request(ALICE, { job_id: jobId, job_context: { execute_id: 'mine' } }));

  it('ends the run once, keeps the result and tells of it in the old bytes', async () => {
    await callbacks().complete(ALICE, 'mine', { a: 1 });
    await callbacks().complete(ALICE, 'mine', { a: 2 });
    expect(stored('mine')?.result).toBe('{"a":1}');
    expect(doorbell.ends.map((end) => JSON.stringify(end))).toEqual([
      `{"execute_id":"mine","job_id":"${jobId}","job_type":"","job_name":"","job_status":"success","begin_at":"","end_at":"2026-11-24T01:00:00Z","executor":null,"execute_times":0,"ext_info":{"result":{"a":1}}}`,
    ]);
  });

  it('takes null for a result', async () => {
    await callbacks().complete(ALICE, 'mine', null);
    expect(stored('mine')).toMatchObject({ state: 'succeeded', result: 'null' });
  });

  it('is refused for an unknown run, that of another tenant, and a result over 64 KiB', async () => {
    await expect(callbacks().complete(ALICE, 'none', {})).rejects.toMatchObject({
      kind: 'unknown execution',
    });
    await expect(callbacks().complete(BOB, 'mine', {})).rejects.toMatchObject({ kind: 'unknown execution' });
    const large = callbacks().complete(ALICE, 'mine', { a: 'x'.repeat(65_536) });
    await expect(large).rejects.toMatchObject({ kind: 'too large' });
    expect(stored('mine')?.state).toBe('waiting');
  });
});
