import { connect } from 'node:net';
import { type AttemptRequest, Executor } from '../../executor/executor.js';
import { closeExecutors, createExecutor } from '../../../test/http-attempt.js';
import { warmUp } from './warm-up.js';

afterEach(closeExecutors);

describe('the warm-up', () => {
  it('gets an answer for each attempt, and leaves no server behind', async () => {
    const executor = createExecutor();
    const seen: { url: string; kind: string }[] = [];
    await warmUp(
      new (class extends Executor {
        async run(attempt: AttemptRequest, signal: AbortSignal) {
          const outcome = await executor.run(attempt, signal);
          seen.push({ url: attempt.context.exec, kind: outcome.kind });
          return outcome;
        }
        override close = () => executor.close();
      })(),
    );
    expect(new Set(seen.map((one) => one.kind))).toEqual(new Set(['succeeded']));
    expect(seen.length).toBeGreaterThan(100);
    const socket = connect(Number(new URL(seen[0]?.url ?? '').port), '127.0.0.1');
    await expect(
      new Promise((_, reject) => socket.on('error', (error: NodeJS.ErrnoException) => reject(error))),
    ).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
