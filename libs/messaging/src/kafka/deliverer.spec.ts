import { Logger } from '@nestjs/common';
import { type DeadLetter } from '../dead-letter.js';
import { Deliverer } from './deliverer.js';

const FROM = { topic: 'topic', channel: 'group' };

function make(handle: (message: object) => Promise<void>, redeliveryDelaysMs: number[] = [0, 0, 0]) {
  const buried: DeadLetter[] = [];
  const bury = async (letter: DeadLetter) => void buried.push(letter);
  const deliverer = new Deliverer({ from: FROM, handle, bury, redeliveryDelaysMs });
  return { deliverer, buried };
}

describe('Deliverer', () => {
  let logged: string[];

  beforeEach(() => {
    logged = [];
    Logger.overrideLogger({
      log: () => {},
      warn: () => {},
      error: ({ msg }: { msg: string }) => void logged.push(msg),
    });
  });
  afterAll(() => void Logger.overrideLogger(false));

  it('hands a message to its handler again until that succeeds, each time as an object of its own', async () => {
    const seen: { n: number }[] = [];
    const { deliverer, buried } = make(async (message) => {
      const tries = seen.push(message as { n: number });
      if (tries === 1) (message as { n: number }).n = 7;
      if (tries < 3) throw new Error('not yet');
    });
    expect(await deliverer.deliver('{"n":1}')).toBe('done');
    expect(seen).toEqual([{ n: 7 }, { n: 1 }, { n: 1 }]);
    expect(buried).toEqual([]);
  });

  it('logs and puts away what has failed four times, and logs none of its text', async () => {
    const handle = jest.fn(() => Promise.reject(new Error('never')));
    const { deliverer, buried } = make(handle);
    expect(await deliverer.deliver('{"secret":1}')).toBe('done');
    expect(buried).toEqual([
      { ...FROM, error: 'Error: never', message: '{"secret":1}', at: expect.any(String) as string },
    ]);
    expect(handle).toHaveBeenCalledTimes(4);
    expect(logged).toEqual(['a message on topic for group (12 bytes) was given up: Error: never']);
  });

  it('leaves a message to somebody else when it is stopped between two tries', async () => {
    const { deliverer, buried } = make(() => Promise.reject(new Error('never')), [3_600_000]);
    const fate = deliverer.deliver('{}');
    await new Promise(setImmediate);
    deliverer.stop();
    expect(await fate).toBe('left');
    expect(buried).toEqual([]);
  });

  it('lets the try that is at work end when it is stopped', async () => {
    let succeed = () => {};
    const { deliverer } = make(() => new Promise((resolve) => (succeed = resolve)));
    const fate = deliverer.deliver('{}');
    deliverer.stop();
    succeed();
    expect(await fate).toBe('done');
  });

  it('says when even the dead letters take nothing, and is done with the message all the same', async () => {
    const deliverer = new Deliverer({
      from: FROM,
      handle: () => Promise.reject(new Error('never')),
      bury: () => Promise.reject(new Error('away')),
      redeliveryDelaysMs: [],
    });
    expect(await deliverer.deliver('{}')).toBe('done');
    expect(logged[1]).toMatch(/could not be put to the dead letters: Error: away$/);
  });
});
