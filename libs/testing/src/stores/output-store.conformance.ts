import { type OutputPiece } from '@ecron/execution';
import { ALL, MINE, SUCCEEDED, THEIRS } from './fixtures.js';
import { Stage } from './stage.js';
import { type OpenStores } from './stores-under-test.js';

const LONG = 65_536;

/** What every output store must do. */
export function outputStoreConformance(open: OpenStores): void {
  describe('the output of an execution', () => {
    let stage: Stage;
    beforeEach(async () => {
      stage = await Stage.open(open);
      await stage.insert({ executeId: 'e' });
    });
    afterEach(() => stage.close());

    const piece = (own: Partial<OutputPiece> = {}): OutputPiece => ({
      executeId: 'e',
      attempt: 1,
      stream: 'stdout',
      epoch: 1,
      head: 'one',
      tail: '',
      totalBytes: 3,
      updatedAt: stage.now,
      ...own,
    });
    const write = (...own: Partial<OutputPiece>[]) => stage.stores.outputs.write(own.map(piece));
    const { readLast, read, look } = {
      readLast: (id = 'e', scope = MINE) => stage.stores.outputs.readLast(scope, id),
      read: (attempt: number, scope = MINE) => stage.stores.outputs.read(scope, 'e', attempt),
      look: (...ids: string[]) => stage.stores.outputs.look(ids),
    };

    it('is what was written last of each stream, stdout first', async () => {
      await write({ stream: 'stderr', head: 'note' }, {});
      await write({ head: 'one two', tail: 'end', totalBytes: 10 });
      expect(await readLast()).toEqual([
        {
          executeId: 'e',
          attempt: 1,
          stream: 'stdout',
          head: 'one two',
          tail: 'end',
          totalBytes: 10,
          updatedAt: stage.now,
        },
        {
          executeId: 'e',
          attempt: 1,
          stream: 'stderr',
          head: 'note',
          tail: '',
          totalBytes: 3,
          updatedAt: stage.now,
        },
      ]);
    });

    it('keeps its head where a write leaves it as it was', async () => {
      await write({});
      await write({ head: null, tail: 'end', totalBytes: 6 });
      expect(await readLast()).toMatchObject([{ head: 'one', tail: 'end', totalBytes: 6 }]);
    });

    it('is that of each attempt, and without a number that of the last one that wrote', async () => {
      await write({ head: 'first' }, { attempt: 2, head: 'second', stream: 'stderr' });
      expect(await readLast()).toMatchObject([{ attempt: 2, stream: 'stderr', head: 'second' }]);
      expect(await read(1)).toMatchObject([{ attempt: 1, head: 'first' }]);
      expect(await read(3)).toEqual([]);
    });

    it('is nothing for another tenant', async () => {
      await write({});
      expect(await readLast('e', THEIRS)).toEqual([]);
      expect(await read(1, THEIRS)).toEqual([]);
      expect(await readLast('e', ALL)).toHaveLength(1);
      expect(await read(1, ALL)).toHaveLength(1);
    });

    it('is nothing where nothing was written', async () => {
      expect(await readLast('unknown')).toEqual([]);
    });

    it('is not written by a start that another one has followed', async () => {
      await write({ epoch: 2, head: 'newer' });
      await write({ epoch: 1, head: 'older' });
      expect(await readLast()).toMatchObject([{ head: 'newer' }]);
      await write({ epoch: 3, head: 'newest' });
      expect(await readLast()).toMatchObject([{ head: 'newest' }]);
    });

    it('can be as long as it gets, and any text', async () => {
      const tail = '😀'.repeat(LONG / 4);
      await write({ head: '\ufffd'.repeat(LONG / 3), tail, totalBytes: 5_000_000_000 });
      expect(await readLast()).toMatchObject([{ tail, totalBytes: 5_000_000_000 }]);
      await write({ head: `a\u0000b'"\\%_\r\n\u001b[31m` });
      expect(await readLast()).toMatchObject([{ head: `a\u0000b'"\\%_\r\n\u001b[31m` }]);
    });

    it('written by two at once is that of the later start', async () => {
      await Promise.all([write({ epoch: 1, head: 'older' }), write({ epoch: 2, head: 'newer' })]);
      expect(await readLast()).toMatchObject([{ head: 'newer' }]);
    });

    it('shows how far it is, beside the state of its execution', async () => {
      const run = await stage.startOne(await stage.insert({}));
      await write({ executeId: run.executeId }, { executeId: run.executeId, attempt: 2, stream: 'stderr' });
      const streams = expect.arrayContaining([
        { attempt: 1, stream: 'stdout', totalBytes: 3 },
        { attempt: 2, stream: 'stderr', totalBytes: 3 },
      ]) as unknown;
      expect(await look(run.executeId, 'unknown')).toEqual([
        { executeId: run.executeId, state: 'running', streams },
        { executeId: 'unknown', state: null, streams: [] },
      ]);
      await stage.record(run, SUCCEEDED);
      expect(await look(run.executeId)).toMatchObject([{ state: 'succeeded' }]);
      expect(await look()).toEqual([]);
    });
  });
}
