import { eventually } from '../support/eventually.js';
import { Standalone } from '../support/standalone.js';

jest.setTimeout(60_000);

type Line = Record<string, unknown> & { event: string; level: string };

describe('the log of a process', () => {
  let app: Standalone;
  beforeAll(async () => void (app = await Standalone.start({ ECRON_LOG_LEVEL: 'info' })));
  afterAll(() => app?.discard());

  const lines = (): Line[] =>
    app
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Line);
  const levelNow = async () => (await app.api.get<{ level: string; node: string }>('/log/level')).level;

  it('names what happened in each line', () => {
    expect(lines().length).toBeGreaterThan(0);
    for (const line of lines()) expect(line.event).toMatch(/^[a-z_]+(\.[a-z_]+)?$/);
  });

  it('has the level that an admin gives it, and says who did', async () => {
    expect(await levelNow()).toBe('info');
    const answer = await app.api
      .with({ 'x-request-id': 'asked-1' })
      .call('PUT', '/log/level', { level: 'debug' });
    expect(answer).toMatchObject({
      status: 200,
      json: { level: 'debug', node: expect.any(String) as string },
    });
    expect(lines()).toContainEqual(
      expect.objectContaining({
        event: 'log.level_changed',
        before: 'info',
        after: 'debug',
        user_id: 'mock-user-id',
        request_id: 'asked-1',
      }),
    );
    await app.api.must(200, 'PUT', '/log/level', { level: 'info' });
  });

  it.each([{}, { level: 'loud' }, { level: 'debug', more: 1 }, []])('refuses the level %j', async (body) => {
    expect((await app.api.call('PUT', '/log/level', body)).status).toBe(400);
    expect(await levelNow()).toBe('info');
  });

  it('goes to debug at SIGUSR2, and back at the next', async () => {
    process.kill(app.pid, 'SIGUSR2');
    await eventually(async () => expect(await levelNow()).toBe('debug'));
    process.kill(app.pid, 'SIGUSR2');
    await eventually(async () => expect(await levelNow()).toBe('info'));
  });
});
