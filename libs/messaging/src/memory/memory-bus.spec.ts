import { MessageDisturbance } from '@ecron/testing';
import { Logger } from '@nestjs/common';
import { MemoryBus } from './memory-bus.js';

const TOPIC = 'cron.topic.job.status';

describe('MemoryBus', () => {
  beforeAll(() => void Logger.overrideLogger(false));

  /** Later than everything that is handed out in the turns that `publish` has asked for. */
  const turns = async (count = 10) => {
    for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  const texts = (...numbers: number[]) => numbers.map((n) => JSON.stringify(n));

  function collect(bus: MemoryBus, group = 'a') {
    const got: unknown[] = [];
    const leave = bus.subscribe(TOPIC, group, {
      receive: async (message) => void got.push(message),
      gaveUp: () => undefined,
    });
    return { got, leave };
  }

  it('keeps the order of publishing', async () => {
    const bus = new MemoryBus();
    const { got } = collect(bus);
    const numbers = Array.from({ length: 5000 }, (_, n) => n);
    for (const n of numbers) bus.publish(TOPIC, texts(n));
    await turns(200);
    expect(got).toEqual(numbers);
  });

  it('hands nothing out while its publisher is still at work', async () => {
    const bus = new MemoryBus();
    const { got } = collect(bus);
    bus.publish(TOPIC, texts(1));
    await Promise.resolve();
    expect(got).toEqual([]);
    await turns();
    expect(got).toEqual([1]);
  });

  it('drops the oldest when more wait than the bound, and counts them', async () => {
    const bus = new MemoryBus({ queueBound: 3 });
    const { got } = collect(bus);
    bus.publish(TOPIC, texts(1, 2, 3, 4, 5));
    await turns();
    expect(got).toEqual([3, 4, 5]);
    expect(bus.stats()).toEqual({ dropped: 2, givenUp: 0 });
  });

  it('gives a member no more messages at a time than it may have in flight', async () => {
    const bus = new MemoryBus({ inFlight: 2 });
    const finish: (() => void)[] = [];
    bus.subscribe(TOPIC, 'a', {
      receive: () => new Promise((resolve) => finish.push(resolve)),
      gaveUp: () => undefined,
    });
    bus.publish(TOPIC, texts(1, 2, 3));
    await turns();
    expect(finish).toHaveLength(2);
    finish[0]?.();
    await turns();
    expect(finish).toHaveLength(3);
  });

  it('gives a message up after three more tries, and counts it', async () => {
    const bus = new MemoryBus();
    const tried: unknown[] = [];
    const errors: unknown[] = [];
    const leave = bus.subscribe(TOPIC, 'a', {
      receive: async (message) => {
        tried.push(message);
        throw new Error('no');
      },
      gaveUp: (error) => errors.push(error),
    });
    bus.publish(TOPIC, texts(1));
    await turns();
    expect(tried).toEqual([1, 1, 1, 1]);
    expect(errors).toEqual([new Error('no')]);
    await leave();
    expect(bus.stats()).toEqual({ dropped: 0, givenUp: 1 });
  });

  it('forgets a group that its last member has left', async () => {
    const bus = new MemoryBus();
    const first = collect(bus);
    await first.leave();
    bus.publish(TOPIC, texts(1));
    const second = collect(bus);
    bus.publish(TOPIC, texts(2));
    await turns();
    expect(first.got).toEqual([]);
    expect(second.got).toEqual([2]);
  });

  describe('with a disturbance', () => {
    function disturbed() {
      const disturbance = new MessageDisturbance();
      const bus = new MemoryBus({ disturbance: disturbance.apply });
      return { disturbance, bus, got: collect(bus).got };
    }

    it('repeats, reverses and drops on demand', async () => {
      const { disturbance, bus, got } = disturbed();
      disturbance.duplicate();
      bus.publish(TOPIC, texts(1, 2));
      disturbance.reverse();
      bus.publish(TOPIC, texts(3, 4));
      disturbance.drop();
      bus.publish(TOPIC, texts(5));
      await turns();
      expect(got).toEqual([1, 1, 2, 2, 4, 3]);
    });

    it('holds back until told, then delivers the latest batch first', async () => {
      const { disturbance, bus, got } = disturbed();
      disturbance.hold();
      bus.publish(TOPIC, texts(1, 2));
      bus.publish(TOPIC, texts(3));
      await turns();
      expect(got).toEqual([]);
      disturbance.release();
      bus.publish(TOPIC, texts(4));
      await turns();
      expect(got).toEqual([3, 1, 2, 4]);
    });
  });
});
