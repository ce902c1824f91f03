import { type TableFigures } from './figures.js';
import { TableReader } from './table-reader.js';

const figuresOf = (queueDepth: number): TableFigures => ({
  queueDepth,
  oldestDueS: 0,
  outboxPending: 0,
  callbacksAwaited: 0,
  nodes: {},
});

describe('reading whole tables', () => {
  let now: number;
  let reads: number;
  beforeEach(() => {
    [now, reads] = [0, 0];
    jest.useFakeTimers();
  });
  afterEach(() => jest.useRealTimers());

  const readerOf = (read: (n: number) => Promise<TableFigures>) =>
    new TableReader(
      () => read(++reads),
      () => now,
    );

  it('happens every three seconds at most, whoever asks', async () => {
    const reader = readerOf(async (n) => figuresOf(n));
    expect((await reader.get())?.queueDepth).toBe(1);
    now = 2_999;
    expect((await reader.get())?.queueDepth).toBe(1);
    now = 3_000;
    expect((await reader.get())?.queueDepth).toBe(2);
  });

  it('happens once for all who ask at a time', async () => {
    const reader = readerOf(async (n) => figuresOf(n));
    await Promise.all([reader.get(), reader.get()]);
    expect(reads).toBe(1);
  });

  it('brings nothing where it fails, and is not tried again at once', async () => {
    const reader = readerOf(() => Promise.reject(new Error('away')));
    expect([await reader.get(), await reader.get()]).toEqual([null, null]);
    expect(reads).toBe(1);
  });

  it('is waited for no longer than two seconds, and not begun anew before it has ended', async () => {
    let finish: (figures: TableFigures) => void = () => undefined;
    const reader = readerOf(() => new Promise((resolve) => (finish = resolve)));
    const asked = reader.get();
    await jest.advanceTimersByTimeAsync(2_000);
    expect(await asked).toBeNull();
    const again = reader.get();
    finish(figuresOf(7));
    expect((await again)?.queueDepth).toBe(7);
    expect(reads).toBe(1);
  });
});
