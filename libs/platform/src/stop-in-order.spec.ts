import { stopInOrder } from './stop-in-order.js';

describe('stopping step by step', () => {
  const lines: string[] = [];
  const logger = { error: ({ msg }: { msg: string }) => void lines.push(msg) };
  beforeEach(() => {
    jest.useFakeTimers();
    lines.length = 0;
  });
  afterEach(() => jest.useRealTimers());

  it('takes them in their order, each when the one before is done', async () => {
    const done: string[] = [];
    const step = (name: string) => ({
      name,
      stop: async () => {
        done.push(`${name} begins`);
        await Promise.resolve();
        done.push(`${name} ends`);
      },
    });
    await stopInOrder([step('a'), step('b')], logger);
    expect(done).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
    expect(lines).toEqual([]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('logs one that fails, and takes the ones after it', async () => {
    const last = jest.fn();
    const fails = () => Promise.reject(new Error('gone'));
    const throws = () => {
      throw new Error('gone too');
    };
    await stopInOrder(
      [
        { name: 'a', stop: fails },
        { name: 'b', stop: throws },
        { name: 'c', stop: last },
      ],
      logger,
    );
    expect(last).toHaveBeenCalledTimes(1);
    expect(lines).toEqual(['not stopped cleanly: a: gone', 'not stopped cleanly: b: gone too']);
  });

  it('gives up one that is not done by its deadline', async () => {
    const last = jest.fn();
    const never = () => new Promise(() => undefined);
    const stopped = stopInOrder(
      [
        { name: 'a', stop: never },
        { name: 'b', stop: never, deadlineMs: 500 },
        { name: 'c', stop: last },
      ],
      logger,
    );
    await jest.advanceTimersByTimeAsync(10_499);
    expect(last).not.toHaveBeenCalled();
    await jest.advanceTimersByTimeAsync(1);
    await stopped;
    expect(last).toHaveBeenCalledTimes(1);
    expect(lines).toHaveLength(2);
  });
});
