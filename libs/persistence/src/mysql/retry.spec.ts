import { NoAnswerError, NoneFreeError } from './mysql-errors.js';
import { retryContention } from './retry.js';

const LONG_MS = 3_600_000;
const deadlock = Object.assign(new Error('deadlock'), { errno: 1213 });
const broken = Object.assign(new Error('broken'), { fatal: true });

describe('a transaction', () => {
  /** How often it is tried, when every try ends like this. */
  const tries = async (error: Error, ms = LONG_MS): Promise<number> => {
    const attempt = jest.fn(() => Promise.reject(error));
    await expect(retryContention(ms, attempt)).rejects.toBe(error);
    return attempt.mock.calls.length;
  };

  it('that met the locks of others is tried up to eight times', async () => {
    expect(await tries(deadlock)).toBe(8);
  });

  it('that met a broken connection before it began is tried once more', async () => {
    expect(await tries(broken)).toBe(2);
  });

  it('that fails by itself is not tried again', async () => {
    expect(await tries(new Error('wrong'))).toBe(1);
  });

  it.each([deadlock, broken, new NoAnswerError('none')])(
    'whose time is over is not tried again: %p',
    async (error) => {
      expect(await tries(error, 0)).toBe(1);
    },
  );

  it('has for its later tries what the first has left it', async () => {
    const left: number[] = [];
    const attempt: jest.Mock = jest.fn((_: unknown, leftMs: number) => {
      left.push(leftMs);
      return attempt.mock.calls.length < 3 ? Promise.reject(deadlock) : Promise.resolve('done');
    });
    expect(await retryContention(LONG_MS, attempt)).toBe('done');
    expect([...left].sort((a, b) => b - a)).toEqual(left);
    expect(left.every((ms) => ms <= LONG_MS)).toBe(true);
    expect(new Set(left).size).toBe(3);
  });

  it('that gets no connection is not tried again', async () => {
    expect(await tries(new NoneFreeError('none free'))).toBe(1);
  });

  it('that broke while it was under way is not tried again', async () => {
    const attempt = jest.fn((progress: { phase: string }) => {
      progress.phase = 'open';
      return Promise.reject(broken);
    });
    await expect(retryContention(LONG_MS, attempt as never)).rejects.toBe(broken);
    expect(attempt).toHaveBeenCalledTimes(1);
  });
});
