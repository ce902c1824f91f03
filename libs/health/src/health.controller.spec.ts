import { HealthController } from './health.controller.js';
import { ReadinessCheck } from './readiness-check.js';

class Check extends ReadinessCheck {
  constructor(
    readonly name: string,
    private readonly answer: () => Promise<string | null>,
    override readonly weight: ReadinessCheck['weight'] = 'fails',
  ) {
    super();
  }

  findFault(): Promise<string | null> {
    return this.answer();
  }
}

const answerOf = (...checks: ReadinessCheck[]) => ask(undefined, checks);

async function ask(verbose: string | undefined, checks: ReadinessCheck[]): Promise<string> {
  const sent: string[] = [];
  const reply = {
    code: (status: number) => (sent.push(String(status)), reply),
    type: (type: string) => (sent.push(type), reply),
    send: (text: string) => sent.push(text),
  };
  await new HealthController(checks).ready(verbose, reply);
  return sent.join(' ');
}

const good = new Check('database', async () => null);

describe('readiness', () => {
  it('is OK when every check passes', async () => {
    expect(await answerOf(good)).toBe('200 text/plain OK');
  });

  it('says what is missing, and nothing of the text of an error', async () => {
    const stopping = new Check('shutdown', async () => 'under way');
    const failing = new Check('broker', async () => Promise.reject(new Error('password')));
    expect(await answerOf(good, stopping, failing)).toBe(
      '503 text/plain shutdown: under way\nbroker: the check failed',
    );
  });

  it('stays OK while something is degraded, which the verbose answer shows', async () => {
    const degraded = new Check('broker', async () => 'not connected', 'degrades');
    expect(await answerOf(good, degraded)).toBe('200 text/plain OK');
    expect(await ask('', [good, degraded])).toBe(
      '200 text/plain database: ok\nbroker: degraded, not connected',
    );
    const stopping = new Check('shutdown', async () => 'under way');
    expect(await ask('', [good, stopping])).toBe('503 text/plain database: ok\nshutdown: under way');
  });
});
