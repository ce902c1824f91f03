import { Logger } from '@nestjs/common';
import { Deferred, FakeRuns, NOW, RecordingPublisher } from '../../test/fakes.js';
import { type RunRecord } from '../ports/run.store.js';
import { Recorder } from './recorder.service.js';

const recordOf = (executeId: string): RunRecord => ({
  executeId,
  jobId: 'job',
  epoch: 1,
  attempt: 1,
  maxAttempts: 3,
  attempts: [],
  settlement: {
    state: 'succeeded',
    reason: '',
    endedAt: NOW,
    dueAt: null,
    entry: { attempt: 1, node_id: 'm', started_at: NOW, ended_at: NOW, outcome: 'succeeded' },
    result: '{"rows":3}',
    error: '',
  },
});

describe('the recorder', () => {
  let store: FakeRuns;
  let publisher: RecordingPublisher;
  let recorder: Recorder;
  let durable: string[];

  beforeEach(() => {
    Logger.overrideLogger(false);
    jest.useFakeTimers();
    store = new FakeRuns();
    publisher = new RecordingPublisher();
    recorder = new Recorder(store, publisher);
    durable = [];
  });
  afterEach(() => jest.useRealTimers());

  const write = (...ids: string[]) =>
    ids.forEach((id) => void recorder.write(recordOf(id)).then(() => durable.push(id)));
  const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);
  const batches = () => store.batches.map((batch) => batch.map((record) => record.executeId));
  const many = (count: number) => Array.from({ length: count }, (_, n) => `e${n}`);

  it('writes as one batch what comes without a pause of five milliseconds', async () => {
    write('a');
    await pass(4);
    write('b');
    await pass(4);
    write('c');
    await pass(5);
    write('d');
    await pass(5);
    expect(batches()).toEqual([['a', 'b', 'c'], ['d']]);
  });

  it('keeps none waiting for more than a hundred milliseconds, however many follow', async () => {
    for (const id of many(60)) {
      write(id);
      await pass(2);
    }
    expect(store.batches.length).toBe(1);
    expect(store.batches[0]?.length).toBeLessThanOrEqual(50);
  });

  it('writes at once when many wait, and no more than 128 in one batch', async () => {
    write(...many(1_024));
    await pass(0);
    expect(batches().map((batch) => batch.length)).toEqual(new Array(8).fill(128));
  });

  it('writes one batch at a time; what comes meanwhile is the next', async () => {
    const first = new Deferred<void>();
    store.onRecord = () => first.promise;
    write('a');
    await pass(5);
    write('b', 'c');
    await pass(50);
    expect(batches()).toEqual([['a']]);
    first.resolve();
    await pass(0);
    expect(batches()).toEqual([['a'], ['b', 'c']]);
  });

  it('answers when the record is durable, not before', async () => {
    const writing = new Deferred<void>();
    store.onRecord = () => writing.promise;
    write('a');
    await pass(5);
    expect(durable).toEqual([]);
    writing.resolve();
    await pass(0);
    expect(durable).toEqual(['a']);
  });

  it('rings with how each run ended', async () => {
    write('a');
    await pass(5);
    expect(publisher.statuses).toMatchObject([
      { execute_id: 'a', job_id: 'job', job_status: 'success', end_at: '2026-11-24T09:00:00.000Z' },
    ]);
  });

  it('does not mind a broker that is away', async () => {
    publisher.isDown = true;
    write('a');
    await pass(5);
    expect(durable).toEqual(['a']);
    expect(batches()).toEqual([['a']]);
  });

  it('drops the payload of the one record that cannot be written with it, and of no other', async () => {
    store.onRecord = async (records) => {
      if (records.some((r) => r.executeId === 'bad' && r.settlement.result !== null))
        throw new Error('cannot be stored');
    };
    write('a', 'bad', 'b');
    await pass(10_000);
    expect(durable.sort()).toEqual(['a', 'b', 'bad']);
    const kept = store.written.map((r) => [
      r.executeId,
      r.settlement.state,
      r.settlement.result,
      r.settlement.error,
    ]);
    expect(kept.sort()).toEqual([
      ['a', 'succeeded', '{"rows":3}', ''],
      ['b', 'succeeded', '{"rows":3}', ''],
      ['bad', 'succeeded', null, 'result_dropped'],
    ]);
  });

  it('lets none wait for a record that cannot be written even so, which is tried on', async () => {
    let isRefused = true;
    store.onRecord = async (records) => {
      if (isRefused && records.some((r) => r.executeId === 'bad')) throw new Error('cannot be stored');
    };
    write('bad', 'a');
    await pass(5_000);
    write('b');
    await pass(5_000);
    expect(durable).toEqual(['a', 'b']);
    isRefused = false;
    await pass(30_000);
    expect(durable).toEqual(['a', 'b', 'bad']);
    expect(store.written.map((r) => r.settlement.result)).toEqual(['{"rows":3}', '{"rows":3}', '{"rows":3}']);
  });

  it('drops no payload where the database comes back just after it has refused it', async () => {
    let refusals = 2;
    store.onRecord = async () => {
      if (refusals-- > 0) throw new Error('no database');
    };
    write('a');
    await pass(5_000);
    expect(durable).toEqual(['a']);
    expect(store.written.map((r) => r.settlement.result)).toEqual(['{"rows":3}']);
  });

  it('keeps trying while the database is away, and loses nothing of what it was given', async () => {
    let isAway = true;
    store.onRecord = async () => {
      if (isAway) throw new Error('no database');
    };
    write('a', 'b');
    await pass(60_500);
    expect(durable).toEqual([]);
    isAway = false;
    await pass(2_000);
    expect(durable).toEqual(['a', 'b']);
    expect(store.written.map((r) => r.settlement.result)).toEqual(['{"rows":3}', '{"rows":3}']);
  });
});
