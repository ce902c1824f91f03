import { Checkpoints } from './checkpoints.js';

describe('checkpoints of the write-ahead log', () => {
  const asked: { text: string; at: number }[] = [];
  const reader = {
    all: async <T>(text: string): Promise<T[]> => {
      asked.push({ text, at: Date.now() });
      if (asked.length === 2) throw new Error('busy');
      return [];
    },
    close: async () => undefined,
  };
  beforeEach(() => {
    jest.useFakeTimers({ now: 1_000_100 });
    asked.length = 0;
  });
  afterEach(() => jest.useRealTimers());

  it('happen once a second, between whole seconds, whether or not one fails', async () => {
    const checkpoints = new Checkpoints(reader).start();
    await jest.advanceTimersByTimeAsync(3_000);
    checkpoints.stop();
    expect(asked.map((one) => one.at)).toEqual([1_000_500, 1_001_500, 1_002_500]);
    expect(asked[0]?.text).toBe('PRAGMA wal_checkpoint(PASSIVE)');
  });

  it('end when they are stopped', async () => {
    const checkpoints = new Checkpoints(reader).start();
    checkpoints.stop();
    await jest.advanceTimersByTimeAsync(3_000);
    expect(asked).toEqual([]);
  });
});
