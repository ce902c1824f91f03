import { type Tracker } from '@ecron/scheduling';
import { Logger } from '@nestjs/common';
import { RequestConsumer } from './request.consumer.js';

describe('a request on the queue', () => {
  const asked: object[] = [];
  const tracker = { requested: async (request: object) => asked.push(request) > 0 } as unknown as Tracker;
  const consumer = new RequestConsumer(tracker);
  beforeAll(() => void Logger.overrideLogger(false));
  beforeEach(() => void asked.splice(0));

  it.each(['01a20cc8-b590-823b-95ca-b5591f9c2a5c', 'nightly.2026-11-24:1_a'])(
    'asks for the run that it names: %s',
    async (executeId) => {
      await consumer.requested({ job_id: 'job', job_context: { execute_id: executeId } });
      expect(asked).toEqual([{ jobId: 'job', executeId }]);
    },
  );

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
  ])('is refused, and not asked for again, %s', async (_, message) => {
    await expect(consumer.requested(message)).resolves.toBeUndefined();
    expect(asked).toEqual([]);
  });

  it('comes again when it could not be written', async () => {
    const failing = { requested: () => Promise.reject(new Error('no database')) } as unknown as Tracker;
    const message = { job_id: 'job', job_context: { execute_id: 'a' } };
    await expect(new RequestConsumer(failing).requested(message)).rejects.toThrow('no database');
  });
});
