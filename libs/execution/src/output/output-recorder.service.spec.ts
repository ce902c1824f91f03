import { Logger } from '@nestjs/common';
import { FakeOutputs } from '../../test/fake-outputs.js';
import { Deferred, stillClock } from '../../test/fakes.js';
import { OutputRecorder } from './output-recorder.service.js';
import { HEAD_LIMIT_BYTES } from './output-capture.js';

describe('the output of running attempts', () => {
  let store: FakeOutputs;
  let recorder: OutputRecorder;
  beforeAll(() => void Logger.overrideLogger(false));
  beforeEach(() => {
    store = new FakeOutputs();
    recorder = new OutputRecorder(store, stillClock());
  });
  const begin = (executeId = 'a') => recorder.begin({ executeId, attempt: 2, epoch: 3 });
  const says = (text: string) => Buffer.from(text);

  it('is written while it comes, and once more at the end', async () => {
    const output = begin();
    output.streams.stdout.write(says('one'));
    await store.signal.until(() => store.pieces.length === 1);
    output.streams.stdout.write(says(' two'));
    output.streams.stderr.write(says('!'));
    await output.close();
    const key = { executeId: 'a', attempt: 2, epoch: 3 };
    expect(store.pieces).toMatchObject([
      { ...key, stream: 'stdout', head: 'one', totalBytes: 3 },
      { ...key, stream: 'stdout', head: 'one two', totalBytes: 7 },
      { ...key, stream: 'stderr', head: '!', totalBytes: 1 },
    ]);
  });

  it('writes nothing where nothing came', async () => {
    await begin().close();
    expect(store.batches).toEqual([]);
  });

  it('writes a full head once', async () => {
    const output = begin();
    output.streams.stdout.write(Buffer.alloc(HEAD_LIMIT_BYTES + 1, 'x'));
    await store.signal.until(() => store.pieces.length === 1);
    output.streams.stdout.write(says('y'));
    await output.close();
    expect(store.pieces.map(({ head, tail }) => [head?.length ?? null, tail])).toEqual([
      [HEAD_LIMIT_BYTES, 'x'],
      [null, 'xy'],
    ]);
  });

  it('goes in batches of a bounded size', async () => {
    const outputs = Array.from({ length: 40 }, (_, n) => begin(`run ${n}`));
    for (const { streams } of outputs) streams.stdout.write(says('short'));
    await Promise.all(outputs.map((output) => output.close()));
    expect(store.batches.map((batch) => batch.length)).toEqual([32, 8]);
    store.batches.length = 0;
    const long = Array.from({ length: 10 }, (_, n) => begin(`long ${n}`));
    for (const { streams } of long) streams.stdout.write(Buffer.alloc(1_000_000, 'x'));
    await Promise.all(long.map((output) => output.close()));
    expect(store.batches.map((batch) => batch.length)).toEqual([8, 2]);
  });

  it('writes one batch at a time, and what has ended before what runs on', async () => {
    const gate = new Deferred<void>();
    const running = begin('running');
    running.streams.stdout.write(says('1'));
    store.onWrite = () => gate.promise;
    const first = begin('first');
    first.streams.stdout.write(says('x'));
    const firstClosed = first.close();
    const second = begin('second');
    second.streams.stdout.write(says('x'));
    const secondClosed = second.close();
    gate.resolve();
    await Promise.all([firstClosed, secondClosed]);
    expect(store.pieces.slice(0, 2).map((piece) => piece.executeId)).toEqual(['first', 'second']);
    await running.close();
    expect(store.pieces.filter((piece) => piece.executeId === 'running')).toHaveLength(1);
  });

  it('is written later where the database was away, the head too', async () => {
    let failures = 2;
    store.onWrite = async () => {
      if (failures-- > 0) throw new Error('away');
    };
    const output = begin();
    output.streams.stdout.write(Buffer.alloc(HEAD_LIMIT_BYTES + 1, 'x'));
    await output.close();
    expect(store.pieces).toHaveLength(1);
    expect(store.pieces[0]?.head).toHaveLength(HEAD_LIMIT_BYTES);
  });

  it('that cannot be written keeps no other from being written', async () => {
    store.onWrite = async (pieces) => {
      if (pieces.some((piece) => piece.executeId === 'bad')) throw new Error('refused');
    };
    const [bad, good] = [begin('bad'), begin('good')];
    bad.streams.stdout.write(says('x'));
    good.streams.stdout.write(says('y'));
    void bad.close();
    await good.close();
    expect(store.pieces.map((piece) => piece.executeId)).toEqual(['good']);
    store.onWrite = async () => undefined;
    await store.signal.until(() => store.pieces.length === 2);
  });
});
