import { MetricsController } from './metrics.controller.js';
import { Metrics } from './metrics.js';

async function ask(token: string | null, authorization?: string): Promise<string[]> {
  const sent: string[] = [];
  const reply = {
    code: (status: number) => (sent.push(String(status)), reply),
    header: (name: string, value: string) => (sent.push(`${name}: ${value}`), reply),
    send: (text: string) => void sent.push(text.split('\n')[0] ?? ''),
  };
  await new MetricsController(new Metrics('1'), token).read(authorization, reply);
  return sent;
}

const TEXT = 'content-type: text/plain; version=0.0.4; charset=utf-8';

describe('GET /metrics', () => {
  it('answers everyone where no token is configured', async () => {
    expect(await ask(null)).toEqual([TEXT, expect.stringContaining('# HELP')]);
    expect(await ask(null, 'Bearer whatever')).toHaveLength(2);
  });

  it.each([undefined, '', 'Bearer', 'Bearer wrong', 'Bearer s3cret-', 'Basic s3cret', 's3cret'])(
    'answers nothing to %p where one is',
    async (authorization) => {
      expect(await ask('s3cret', authorization)).toEqual([
        '401',
        'www-authenticate: Bearer',
        'content-type: text/plain; charset=utf-8',
        'token needed',
      ]);
    },
  );

  it('answers whoever has it', async () => {
    expect((await ask('s3cret', 'Bearer s3cret'))[0]).toBe(TEXT);
    expect((await ask('s3cret', 'bearer  s3cret'))[0]).toBe(TEXT);
  });
});
