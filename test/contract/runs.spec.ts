import { eventually } from '../support/eventually.js';
import { jobBody, QUICK_RETRY, type JobBody } from '../support/jobs.js';
import { useRig } from '../support/rig.js';
import { type ExecutionView } from '../support/shapes.js';
import { type SeenRequest } from '../support/target.js';

const rig = useRig();

/** Starts a run of a new job that calls this path. */
async function start(path: string, policy: object = {}, job: JobBody = {}): Promise<string> {
  const jobId = await rig.api.create(
    jobBody(rig.target.url + path, job, { policy: { retry: QUICK_RETRY, ...policy } }),
  );
  return (await rig.api.run({ job_id: jobId })).execute_id;
}

async function reached(executeId: string, state: string): Promise<ExecutionView> {
  return eventually(async () => {
    const execution = await rig.api.execution(executeId);
    expect(execution.state).toBe(state);
    return execution;
  });
}

async function seen(path: string, atLeast: number): Promise<SeenRequest[]> {
  return eventually(async () => {
    const requests = await rig.target.seen(path);
    expect(requests.length).toBeGreaterThanOrEqual(atLeast);
    return requests;
  });
}

const callBack = async (executeId: string, result: unknown) => {
  expect((await rig.api.call('POST', `/executionresult/${executeId}`, result)).status).toBe(200);
};

describe('when an HTTP run ends', () => {
  it.each([
    ['auto', '/ok/auto', 'succeeded'],
    ['auto', '/status/204/auto', 'succeeded'],
    ['auto', '/accept/auto', 'accepted'],
    ['response', '/ok/response', 'succeeded'],
    ['response', '/accept/response', 'succeeded'],
    ['callback', '/ok/callback', 'accepted'],
    ['callback', '/accept/callback', 'accepted'],
  ])('under %s the answer to %s makes it %s', async (completion, path, state) => {
    const executeId = await start(path, { completion });
    await reached(executeId, state);
    if (state === 'accepted') {
      await callBack(executeId, { rows: 3 });
      await reached(executeId, 'succeeded');
    }
  });

  it('keeps what the target answered', async () => {
    const execution = await reached(await start('/ok/kept'), 'succeeded');
    expect(JSON.stringify(execution.result)).toContain('ok');
    expect(execution.attempts).toMatchObject([{ attempt: 1, outcome: 'succeeded', status_code: 200 }]);
  });

  it.each(['200', '202', '500'])(
    'a callback that comes before the target answers %s counts',
    async (status) => {
      const executeId = await start(`/callback-early/${status}`);
      expect((await reached(executeId, 'succeeded')).result).toEqual({ from: 'callback' });
      const requests = await rig.target.seen(`/callback-early/${status}`);
      expect(requests).toHaveLength(1);
    },
  );

  it('a callback that comes twice is one', async () => {
    const executeId = await start('/accept/twice');
    await reached(executeId, 'accepted');
    await callBack(executeId, { n: 1 });
    const first = await reached(executeId, 'succeeded');
    await callBack(executeId, { n: 2 });
    expect(await rig.api.execution(executeId)).toEqual(first);
  });

  it.each([
    ['/status/500/late', 'abandoned'],
    ['/ok/late', 'succeeded'],
  ])(
    'the first callback after %s has ended it %s stores its result, and changes nothing else',
    async (path, state) => {
      const executeId = await start(path, { retry: { max_attempts: 1 } });
      const before = await reached(executeId, state);
      await callBack(executeId, { late: true });
      await callBack(executeId, { late: 'again' });
      expect(await rig.api.execution(executeId)).toEqual({ ...before, result: { late: true } });
    },
  );

  it('a callback during the backoff ends the run', async () => {
    const executeId = await start('/status/500/backoff', {
      retry: { max_attempts: 3, base_s: 60, jitter: false },
    });
    await reached(executeId, 'waiting');
    await seen('/status/500/backoff', 1);
    await eventually(async () => expect((await rig.api.execution(executeId)).not_before).not.toBe(''));
    await callBack(executeId, {});
    await reached(executeId, 'succeeded');
  });

  it('a callback that never comes is a failed attempt', async () => {
    const policy = { completion: 'callback', callback_timeout_s: 1, retry: { max_attempts: 1 } };
    const execution = await reached(await start('/ok/no-word', policy), 'abandoned');
    expect(execution).toMatchObject({ job_status: 'abandon', attempt: 1 });
  });
});

describe('retries', () => {
  it('go on until the attempts are exhausted, under one execute_id, then the run is abandoned', async () => {
    const executeId = await start('/status/500/exhausted');
    const execution = await reached(executeId, 'abandoned');
    expect(execution).toMatchObject({ job_status: 'abandon', attempt: 3, max_attempts: 3 });
    expect(execution.attempts).toMatchObject(
      [1, 2, 3].map((attempt) => ({ attempt, outcome: 'failed', status_code: 500 })),
    );
    const requests = await rig.target.seen('/status/500/exhausted');
    expect(requests.map((one) => one.headers['x-ecron-attempt'])).toEqual(['1', '2', '3']);
    expect(new Set(requests.map((one) => one.headers['idempotency-key']))).toEqual(new Set([executeId]));
    const [status] = await rig.api.statuses(`job_id=${execution.job_id}`);
    expect(status).toMatchObject({ job_status: 'abandon', execute_times: 3 });
    expect(status?.executor).toHaveLength(3);
  });

  it('stop at the first success', async () => {
    const execution = await reached(await start('/flaky/1'), 'succeeded');
    expect(execution).toMatchObject({
      attempt: 2,
      attempts: [{ outcome: 'failed' }, { outcome: 'succeeded' }],
    });
  });

  it('mend a 503 whose text is no JSON like any other', async () => {
    const execution = await reached(await start('/unhealthy'), 'abandoned');
    expect(execution.attempts).toHaveLength(3);
    expect((await rig.api.call('GET', '/jobtotal')).status).toBe(200);
  });

  it('follow a connection that breaks, and one that is refused', async () => {
    expect((await reached(await start('/reset'), 'abandoned')).attempts).toHaveLength(3);
    const { execute_id } = await rig.api.run({
      job_context: { mode: 'http', exec: 'http://127.0.0.1:1/', info: {}, policy: { retry: QUICK_RETRY } },
    });
    const refused = await reached(execute_id, 'abandoned');
    expect(refused.attempts).toHaveLength(3);
    expect(refused.attempts[0]?.error).not.toBe('');
  });

  it('follow a target that does not answer in time', async () => {
    const policy = { timeout_s: 0.3, retry: { ...QUICK_RETRY, max_attempts: 2 } };
    const execution = await reached(await start('/hang/timeout', policy), 'abandoned');
    expect(execution.attempts).toMatchObject([{ outcome: 'timed_out' }, { outcome: 'timed_out' }]);
  });

  it('wait for their backoff, and end when the job is deleted', async () => {
    const executeId = await start('/status/500/deleted', {
      retry: { max_attempts: 3, base_s: 1, jitter: false },
    });
    await seen('/status/500/deleted', 1);
    const waiting = await eventually(async () => {
      const execution = await rig.api.execution(executeId);
      expect(execution).toMatchObject({ state: 'waiting', job_status: 'executing', attempt: 1 });
      expect(execution.not_before).not.toBe('');
      return execution;
    });
    const backoffMs = Date.parse(waiting.not_before) - Date.parse(waiting.attempts[0]?.ended_at ?? '');
    expect(backoffMs).toBeGreaterThanOrEqual(900);
    await rig.api.must(200, 'DELETE', `/job/${waiting.job_id}`);
    const after = await start('/slow/1500/after');
    await reached(after, 'succeeded');
    expect(await rig.target.seen('/status/500/deleted')).toHaveLength(1);
  });
});

describe('a command where exe_allow lists nothing', () => {
  it('ends the run failed, saying why', async () => {
    const jobId = await rig.api.create(jobBody('true', {}, { mode: 'exe' }));
    const { execute_id } = await rig.api.run({ job_id: jobId });
    expect(await reached(execute_id, 'failed')).toMatchObject({
      reason: 'unsupported mode',
      job_status: 'failure',
    });
    expect((await rig.api.statuses(`job_id=${jobId}`))[0]?.job_status).toBe('failure');
  });
});

describe('a request', () => {
  it('waits for the earlier run of its job', async () => {
    const jobId = await rig.api.create(jobBody(`${rig.target.url}/slow/700/request`));
    const first = await rig.api.run({ job_id: jobId });
    await reached(first.execute_id, 'running');
    const second = await rig.api.run({ job_id: jobId });
    await eventually(async () =>
      expect(await rig.api.execution(second.execute_id)).toMatchObject({
        state: 'waiting',
        reason: 'overlap',
      }),
    );
    await reached(second.execute_id, 'succeeded');
    const [one, two] = await rig.target.seen('/slow/700/request');
    expect((two?.at ?? 0) - (one?.at ?? 0)).toBeGreaterThanOrEqual(700);
  });
});
