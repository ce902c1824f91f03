import { createLogger, type LoggerOptions } from './logger.js';
import { NestLogger } from './nest-logger.js';

function recording(level: LoggerOptions['level'] = 'debug') {
  const texts: string[] = [];
  const logger = createLogger({
    level,
    name: 'standalone',
    destination: { write: (text) => texts.push(text) },
  });
  return { logger, lines: () => texts.map((text) => JSON.parse(text) as Record<string, unknown>), texts };
}

describe('createLogger', () => {
  it('writes one JSON object a line, with level, time, program and event', () => {
    const { logger, lines, texts } = recording();
    logger.info({ event: 'claim.done', jobs: 12 }, 'claimed due jobs');
    expect(texts).toHaveLength(1);
    expect(texts[0]).toMatch(/\}\n$/);
    expect(lines()[0]).toMatchObject({
      level: 'info',
      name: 'standalone',
      pid: process.pid,
      event: 'claim.done',
      jobs: 12,
      msg: 'claimed due jobs',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
    });
  });

  it('leaves out what is less severe than its level', () => {
    const { logger, texts } = recording('warn');
    logger.info({ event: 'x' }, 'quiet');
    expect(texts).toEqual([]);
  });

  it('never writes a secret, also one inside headers or settings', () => {
    const { logger, texts } = recording();
    logger.info({
      event: 'x',
      token: 'hunter2',
      headers: { authorization: 'hunter2' },
      a: { b: { password: 'hunter2' } },
    });
    logger.info({ event: 'x', request: { headers: { authorization: 'hunter2' } }, secret: 'hunter2' });
    expect(texts.join('')).not.toContain('hunter2');
  });
});

describe('texts of a line', () => {
  it.each([
    ['a callback key', 'POST http://t/done/1?key=hunter2 failed'],
    ['a token in a query', 'http://t/?a=b&access_token=hunter2&c=d'],
    ['a signature', 'https://store/x?X-Amz-Signature=hunter2'],
    ['an account', 'kafka sasl://ecron:hunter2@broker:9092'],
    ['a bearer token', 'sent Bearer hunter2hunter2'],
  ])('never hold %s', (_, text) => {
    const { logger, texts } = recording();
    logger.warn({ event: 'x', url: text, err: new Error(text) }, text);
    expect(texts.join('')).not.toContain('hunter2');
    expect(texts.join('')).toContain('[Redacted]');
  });

  it('keep what is no secret', () => {
    const { logger, lines } = recording();
    const text = 'GET http://t/job?job_id=1&state=failed#x by ops@example.org';
    logger.warn({ event: 'x' }, text);
    expect(lines()[0]?.['msg']).toBe(text);
  });
});

describe('NestLogger', () => {
  it('writes what our own classes tell by its event, with its fields and at its level', () => {
    const { logger, lines } = recording();
    const nest = new NestLogger(logger);
    nest.log({ event: 'broker.connected', msg: 'nsqd is connected again' }, 'Nsq');
    nest.error(
      { event: 'http.internal_error', request_id: 'r', msg: 'internal error' },
      'Error: x',
      'ErrorFilter',
    );
    expect(lines()).toMatchObject([
      { level: 'info', event: 'broker.connected', context: 'Nsq', msg: 'nsqd is connected again' },
      {
        level: 'error',
        event: 'http.internal_error',
        request_id: 'r',
        stack: 'Error: x',
        msg: 'internal error',
      },
    ]);
  });

  it("keeps Nest's start-up chatter at debug and its warnings at warn", () => {
    const { logger, lines } = recording();
    const nest = new NestLogger(logger);
    nest.log('Mapped {/job, GET}', 'RouterExplorer');
    nest.warn('odd', 'Injector');
    expect(lines()).toMatchObject([
      { level: 'debug', event: 'nest', context: 'RouterExplorer', msg: 'Mapped {/job, GET}' },
      { level: 'warn', event: 'nest', context: 'Injector', msg: 'odd' },
    ]);
  });

  it('keeps the stack of an error', () => {
    const { logger, lines } = recording();
    const nest = new NestLogger(logger);
    nest.error('boom', 'Error: boom\n  at x', 'ExceptionsHandler');
    nest.error(new TypeError('bang'), 'ExceptionsHandler');
    expect(lines()).toMatchObject([
      { level: 'error', msg: 'boom', stack: 'Error: boom\n  at x', context: 'ExceptionsHandler' },
      { level: 'error', msg: 'bang', err: { type: 'TypeError' }, context: 'ExceptionsHandler' },
    ]);
  });
});
