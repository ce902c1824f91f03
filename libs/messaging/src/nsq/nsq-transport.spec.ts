import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { describeWith, LocalNsqd, LocalNsqlookupd, until } from '@ecron/testing';
import { Logger } from '@nestjs/common';
import { ClientPublisher } from '../message-publisher.js';
import { CHANNELS, TOPICS } from '../topics.js';
import { type NsqSettings } from './nsq-settings.js';
import { NsqTransport } from './nsq-transport.js';

let timesLoaded = 0;
jest.mock('nsqjs', () => {
  timesLoaded++;
  return jest.requireActual<object>('nsqjs');
});

const NOBODY = { host: '127.0.0.1', port: 9 };
const LIMIT_MS = 20_000;

beforeAll(() => void Logger.overrideLogger(false));

describe('NsqTransport without an nsqd', () => {
  it('loads the library only when it is used', async () => {
    const transport = new NsqTransport({ nsqd: NOBODY, lookupdHttp: [] });
    expect(timesLoaded).toBe(0);
    transport.client();
    await until(() => timesLoaded > 0);
    await transport.close();
  });

  it('has no fault while nobody uses it, and says what is not connected when somebody does', async () => {
    const transport = new NsqTransport({ nsqd: NOBODY, lookupdHttp: [] });
    expect(transport.fault()).toBeNull();
    const publisher = new ClientPublisher(transport.client());
    expect(transport.fault()).toBe('nsqd 127.0.0.1:9 not connected for 0 s');
    await expect(publisher.publish(TOPICS.job, [{}])).rejects.toThrow('nsqd 127.0.0.1:9 not connected');
    await transport.close();
    await transport.close();
  });

  it('refuses what is no address', () => {
    expect(() => new NsqTransport({ nsqd: { host: 'h', port: 0 }, lookupdHttp: [] })).toThrow(
      'not a host and a port: h:0',
    );
    const lookupdHttp = [{ host: '', port: 4161 }];
    expect(() => new NsqTransport({ nsqd: NOBODY, lookupdHttp })).toThrow(RangeError);
  });

  it('goes on trying when something else answers there', async () => {
    let connections = 0;
    const server = createServer().on('connection', (socket) => {
      connections++;
      // A frame of the type and size that nsqd's answer has, with something else in it.
      socket.end(Buffer.from('\0\0\0\x08\0\0\0\0nope', 'latin1'));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const transport = new NsqTransport({ nsqd: { host: '127.0.0.1', port }, lookupdHttp: [] });
    transport.client();
    await until(() => connections >= 2);
    expect(transport.fault()).toContain('not connected');
    await transport.close();
    server.close();
  });
});

describeWith('nsq', 'NsqTransport with an nsqd', ({ bin }) => {
  let nsqd: LocalNsqd;
  let transport: NsqTransport;

  beforeEach(async () => {
    nsqd = await LocalNsqd.make(bin);
    await nsqd.start();
  }, LIMIT_MS);
  afterEach(async () => {
    await transport.close();
    await nsqd.remove();
  }, LIMIT_MS);

  function connect(settings: Partial<NsqSettings> = {}): ClientPublisher {
    transport = new NsqTransport({ nsqd: nsqd.tcp, lookupdHttp: [], ...settings });
    return new ClientPublisher(transport.client());
  }
  function listen<T>(handler: (message: T) => Promise<void> | void): void {
    const server = transport.server();
    server.addHandler(TOPICS.status, async (message: T) => handler(message), true);
    server.listen(() => undefined);
  }
  const settled = () => until(() => transport.fault() === null);

  it('makes topic and channel before the first message, which waits there for its consumer', async () => {
    const publisher = connect();
    await settled();
    await publisher.publish(TOPICS.job, [{ n: 1 }]);
    const { host, port } = nsqd.http;
    const stats = (await (await fetch(`http://${host}:${port}/stats?format=json`)).json()) as {
      topics: { topic_name: string; channels: { channel_name: string; depth: number }[] }[];
    };
    expect(stats.topics).toHaveLength(1);
    expect(stats.topics[0]).toMatchObject({
      topic_name: TOPICS.job,
      channels: [{ channel_name: CHANNELS[TOPICS.job], depth: 1 }],
    });
  });

  it(
    'keeps nsqd from giving the message of a long handler to another',
    async () => {
      connect({ messageTimeoutMs: 1000 });
      let tries = 0;
      let end: () => void;
      const late = new Promise<void>((resolve) => (end = resolve));
      const ended = new Promise<void>((resolve) => {
        listen<{ isLong: boolean }>(async ({ isLong }) => {
          if (!isLong) return end();
          tries++;
          await late;
          resolve();
        });
      });
      await settled();
      await nsqd.publish(TOPICS.status, ['{"isLong":true}']);
      // nsqd looks for what has timed out when it looks for what was deferred.
      await nsqd.post(`pub?topic=${TOPICS.status}&defer=3000`, '{"isLong":false}');
      await ended;
      expect(tries).toBe(1);
    },
    LIMIT_MS,
  );

  it('refuses a message that nsqd would break the connection for', async () => {
    const publisher = connect();
    await settled();
    const message = { text: 'x'.repeat(1024 * 1024) };
    await expect(publisher.publish(TOPICS.job, [{ n: 1 }, message])).rejects.toThrow(
      'larger than nsqd takes',
    );
    expect(transport.fault()).toBeNull();
  });

  it(
    'publishes more at once than nsqd takes in one command',
    async () => {
      const publisher = connect();
      let count = 0;
      listen(() => void count++);
      await settled();
      const text = 'x'.repeat(700_000);
      await publisher.publish(
        TOPICS.status,
        Array.from({ length: 10 }, () => ({ text })),
      );
      await until(() => count === 10);
    },
    LIMIT_MS,
  );

  it(
    'refuses more when nsqd acknowledges nothing, and goes on when it does',
    async () => {
      const publisher = connect({ maxUnackedBytes: 100 });
      await settled();
      await publisher.publish(TOPICS.job, [{ n: 0 }]);
      nsqd.freeze();
      const held = publisher.publish(TOPICS.job, [{ text: 'x'.repeat(90) }]);
      await expect(publisher.publish(TOPICS.job, [{ n: 1 }])).rejects.toThrow('not acknowledged');
      nsqd.thaw();
      await held;
      await publisher.publish(TOPICS.job, [{ n: 1 }]);
    },
    LIMIT_MS,
  );

  it(
    'gives up an nsqd that says nothing more',
    async () => {
      const publisher = connect({ ackTimeoutMs: 100 });
      await settled();
      await publisher.publish(TOPICS.job, [{ n: 0 }]);
      nsqd.freeze();
      await expect(publisher.publish(TOPICS.job, [{ n: 1 }])).rejects.toThrow('nsqd connection closed');
      expect(transport.fault()).toContain('not connected');
      nsqd.thaw();
      await settled();
    },
    LIMIT_MS,
  );

  it(
    'survives that nsqd is killed again and again, and loses nothing that it acknowledged afterwards',
    async () => {
      const publisher = connect();
      const got: number[] = [];
      listen<{ n: number }>(({ n }) => void got.push(n));
      for (const n of [1, 2, 3]) {
        await settled();
        await publisher.publish(TOPICS.status, [{ n }]);
        await until(() => got.includes(n));
        await nsqd.stop('SIGKILL');
        await until(() => transport.fault() !== null);
        await nsqd.start();
      }
      await settled();
      expect(got.filter((n, index) => got.indexOf(n) === index)).toEqual([1, 2, 3]);
    },
    LIMIT_MS,
  );

  it(
    'consumes from every nsqd that nsqlookupd names, and from its own once',
    async () => {
      const lookupd = await LocalNsqlookupd.make(bin);
      await lookupd.start();
      const [own, other] = [await LocalNsqd.make(bin, lookupd), await LocalNsqd.make(bin, lookupd)];
      await own.start();
      await other.start();
      await other.post(`topic/create?topic=${TOPICS.status}`);
      connect({ nsqd: { ...own.tcp, host: 'localhost' }, lookupdHttp: [lookupd.http], lookupPollMs: 100 });
      const got: number[] = [];
      listen<{ n: number }>(({ n }) => void got.push(n));
      await settled();
      await own.publish(TOPICS.status, ['{"n":1}']);
      await other.publish(TOPICS.status, ['{"n":2}']);
      await until(() => got.length === 2);
      expect(got.sort()).toEqual([1, 2]);
      const { host, port } = own.http;
      const stats = (await (await fetch(`http://${host}:${port}/stats?format=json`)).json()) as {
        topics: { channels: { clients: unknown[] }[] }[];
      };
      expect(stats.topics[0]?.channels[0]?.clients).toHaveLength(1);
      await transport.close();
      await Promise.all([own.remove(), other.remove(), lookupd.stop('SIGKILL')]);
    },
    LIMIT_MS,
  );
});
