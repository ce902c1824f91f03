import { type QueuedRequest, type Tracker } from '@ecron/scheduling';
import { Logger } from '@nestjs/common';
import { RequestConsumer, UnusableRequestError } from './request.consumer.js';

/** As the old service sent it after a failed attempt, byte for byte. */
const OLD_RETRY =
  '{"job_id":"fa87","job_name":"","job_cron_time":"","job_type":"real-time","job_context":{"mode":"","exec":"","info":{"method":"","params":null,"headers":null,"body":null,"kubernetes":null},"notify":{"webhook":""},"begin_at":"","end_at":"","execute_id":"33ea"},"tenant_id":"","enabled":false,"remarks":"","created_at":"","updated_at":""}';

describe('a request on the queue', () => {
  const asked: QueuedRequest[] = [];
  const tracker = {
    requested: async (request: QueuedRequest) => asked.push(request) > 0,
  } as unknown as Tracker;
  const consumer = new RequestConsumer(tracker, { mqAcceptContext: false });
  const open = new RequestConsumer(tracker, { mqAcceptContext: true });
  beforeAll(() => void Logger.overrideLogger(false));
  beforeEach(() => void asked.splice(0));

  it.each(['01a20cc8-b590-823b-95ca-b5591f9c2a5c', 'nightly.2026-11-24:1_a'])(
    'asks for the run that it names: %s',
    async (executeId) => {
      await consumer.requested({ job_id: 'job', job_context: { execute_id: executeId } });
      expect(asked).toEqual([{ jobId: 'job', executeId, context: null }]);
    },
  );

  it('of the old service names its run, and brings no context', async () => {
    await open.requested(JSON.parse(OLD_RETRY) as object);
    expect(asked).toEqual([{ jobId: 'fa87', executeId: '33ea', context: null }]);
  });

  it.each<[string, object]>([
    ['without a context', { job_id: 'job' }],
    ['without an execute id', { job_id: 'job', job_context: {} }],
    ['with an empty execute id', { job_id: 'job', job_context: { execute_id: '' } }],
    ['with a number for an execute id', { job_id: 'job', job_context: { execute_id: 7 } }],
    [
      'with a longer execute id than a row takes',
      { job_id: 'job', job_context: { execute_id: 'x'.repeat(37) } },
    ],
    ['with an execute id that is no word', { job_id: 'job', job_context: { execute_id: "x' OR 1" } }],
    ['without a job', { job_context: { execute_id: 'a' } }],
    ['with a list for a job', { job_id: [], job_context: { execute_id: 'a' } }],
    ['with null for a context', { job_id: 'job', job_context: null }],
  ])('is left to the dead letters, and not asked for, %s', async (_, message) => {
    await expect(consumer.requested(message)).rejects.toThrow(UnusableRequestError);
    expect(asked).toEqual([]);
  });

  describe('while the database is away', () => {
    beforeEach(() => void jest.useFakeTimers());
    afterEach(() => void jest.useRealTimers());
    const message = { job_id: 'job', job_context: { execute_id: 'a' } };
    const consumerOf = (requested: () => Promise<boolean>) =>
      new RequestConsumer({ requested } as unknown as Tracker, { mqAcceptContext: false });

    it('is kept, and written when it is back', async () => {
      let tries = 0;
      const done = consumerOf(() =>
        ++tries < 30 ? Promise.reject(new Error('no database')) : Promise.resolve(true),
      ).requested(message);
      await jest.advanceTimersByTimeAsync(30_000);
      await done;
      expect(tries).toBe(30);
    });

    it('is handed back after minutes, to come again', async () => {
      const done = consumerOf(() => Promise.reject(new Error('no database'))).requested(message);
      const handedBack = expect(done).rejects.toThrow('no database');
      await jest.advanceTimersByTimeAsync(400_000);
      await handedBack;
    });
  });

  const full = (context: object) => ({
    job_id: 'job',
    job_context: { mode: 'http', exec: 'http://target.example/', execute_id: 'a', ...context },
  });

  it('runs the stored job whatever context it brings, unless that is allowed', async () => {
    await consumer.requested(full({}));
    expect(asked).toEqual([{ jobId: 'job', executeId: 'a', context: null }]);
  });

  it('brings a context for HTTP where that is allowed', async () => {
    await open.requested(full({ info: { method: 'PUT', headers: { 'x-a': 'b' }, body: { c: 1 } } }));
    expect(asked[0]?.context).toEqual({
      mode: 'http',
      exec: 'http://target.example/',
      info: { method: 'PUT', params: null, headers: { 'x-a': 'b' }, body: { c: 1 }, kubernetes: null },
      ...{ notify: { webhook: '' }, begin_at: '', end_at: '', execute_id: '' },
    });
  });

  it.each<[string, object]>([
    ['of a command', { mode: 'exe', exec: '/bin/true' }],
    ['without a mode', { mode: undefined }],
    ['with no address', { exec: 'nowhere' }],
    ['with a list for info', { info: [] }],
    ['with a number in a header', { info: { headers: { a: 1 } } }],
    ['with a header that frames the request', { info: { headers: { host: 'a' } } }],
    ['with a list for a body', { info: { body: [] } }],
    ['for Kubernetes', { info: { kubernetes: { addr: 'a' } } }],
    ['that is too large', { info: { body: { text: 'x'.repeat(10_240) } } }],
  ])('with a context %s is left to the dead letters', async (_, context) => {
    await expect(open.requested(full(context))).rejects.toThrow(UnusableRequestError);
    expect(asked).toEqual([]);
  });
});
