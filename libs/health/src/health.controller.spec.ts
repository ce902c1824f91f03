import { HealthController } from './health.controller.js';
import { ReadinessCheck } from './readiness-check.js';
import { StartupState } from './startup-state.js';

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

const ask = (verbose: string | undefined, checks: ReadinessCheck[]) =>
  answerTo((reply) => new HealthController(checks, new StartupState()).ready(verbose, reply));

type Reply = Parameters<HealthController['started']>[0];

async function answerTo(asked: (reply: Reply) => unknown): Promise<string> {
  const sent: string[] = [];
  const reply: Reply = {
    code: (status: number) => (sent.push(String(status)), reply),
    type: (type: string) => (sent.push(type), reply),
    send: (text: string) => sent.push(text),
  };
  await asked(reply);
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

  it('asks what only degrades where the answer shows it, and nowhere else', async () => {
    let asked = 0;
    const degraded = new Check('webhooks', async () => (asked++, 'many wait'), 'degrades');
    await answerOf(good, degraded);
    expect(asked).toBe(0);
    await ask('', [good, degraded]);
    expect(asked).toBe(1);
  });
});

describe('startup', () => {
  it('is over when the service says so', async () => {
    const startup = new StartupState();
    const controller = new HealthController([], startup);
    const ask = () => answerTo((reply) => controller.started(reply));
    expect(await ask()).toBe('503 text/plain service: being started');
    startup.hasStarted = true;
    expect(await ask()).toBe('200 text/plain OK');
  });
});
