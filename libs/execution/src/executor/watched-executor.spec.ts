import { type Outcome } from '@ecron/domain';
import { type AttemptRequest, Executor } from './executor.js';
import { watchedExecutor } from './watched-executor.js';

const DONE: Outcome = { kind: 'succeeded', statusCode: 200, result: null };

class Steady extends Executor {
  private readonly outcome: Promise<Outcome> = Promise.resolve(DONE);
  run(): Promise<Outcome> {
    return this.outcome;
  }
  override check() {
    return { path: 'exec', rule: 'is refused' };
  }
}

class Broken extends Executor {
  run(): Promise<Outcome> {
    return Promise.reject(new Error('broken'));
  }
}

describe('a watched executor', () => {
  const told: string[] = [];
  const watch = {
    begin: (mode: string, { executeId }: AttemptRequest) => {
      told.push(`${mode} ${executeId} begins`);
      return () => void told.push(`${executeId} ends`);
    },
  };
  const attempt = { executeId: 'a' } as AttemptRequest;
  const { signal } = new AbortController();
  beforeEach(() => void (told.length = 0));

  it('carries attempts out as before, and tells of each', async () => {
    const watched = watchedExecutor(new Steady(), 'http', watch);
    expect(await watched.run(attempt, signal)).toBe(DONE);
    expect(told).toEqual(['http a begins', 'a ends']);
  });

  it('tells of the end of one that throws, and lets it throw', async () => {
    const watched = watchedExecutor(new Broken(), 'exe', watch);
    await expect(watched.run(attempt, signal)).rejects.toThrow('broken');
    expect(told).toEqual(['exe a begins', 'a ends']);
  });

  it('judges contexts where the executor does, and only there', () => {
    expect(watchedExecutor(new Steady(), 'http', watch).check?.({} as never)).not.toBeNull();
    expect(watchedExecutor(new Broken(), 'http', watch).check).toBeUndefined();
  });
});
