import { randomUUID } from 'node:crypto';
import { describeWith, KAFKA_ACCOUNT, LocalKafka, until } from '@ecron/testing';
import { Logger } from '@nestjs/common';
import * as pem from '../../../../test/support/certificates.js';
import { ClientPublisher } from '../message-publisher.js';
import { type Topic, TOPICS } from '../topics.js';
import { type KafkaServer } from './kafka-server.js';
import { type KafkaSettings } from './kafka-settings.js';
import { KafkaTransport } from './kafka-transport.js';

let timesLoaded = 0;
jest.mock('kafkajs', () => {
  timesLoaded++;
  return jest.requireActual<object>('kafkajs');
});

const NOBODY = { brokers: ['127.0.0.1:9'], clientId: 'test' };
const LIMIT_MS = 60_000;
/** A JVM that has to share its processors takes long. */
const START_LIMIT_MS = 180_000;
jest.setTimeout(LIMIT_MS);

beforeAll(() => void Logger.overrideLogger(false));

describe('KafkaTransport without a broker', () => {
  it('loads the library only when it is used', async () => {
    const transport = new KafkaTransport(NOBODY);
    transport.server();
    expect(timesLoaded).toBe(0);
    transport.client();
    await until(() => timesLoaded > 0);
    await transport.close();
  });

  it('has no fault while nobody uses it, and says what is not connected when somebody does', async () => {
    const transport = new KafkaTransport(NOBODY);
    expect(transport.fault()).toBeNull();
    const publisher = new ClientPublisher(transport.client());
    expect(transport.fault()).toBe('kafka 127.0.0.1:9 not connected for 0 s');
    await expect(publisher.publish(TOPICS.job, [{}])).rejects.toThrow('kafka 127.0.0.1:9 not connected');
    await transport.close();
    await transport.close();
  });

  it('starts and stops all the same', async () => {
    const transport = new KafkaTransport(NOBODY);
    const server = transport.server();
    server.addHandler(TOPICS.job, async () => undefined, true);
    const listening = new Promise<void>((resolve) => server.listen(resolve));
    await expect(listening).resolves.toBeUndefined();
    await server.close();
    await transport.close();
  });
});

describeWith('kafka', 'KafkaTransport with a broker', ({ version }) => {
  let kafka: LocalKafka;
  let prefix: string;
  let closers: (() => Promise<void>)[];

  beforeAll(async () => {
    kafka = await LocalKafka.make(version, { cert: pem.SERVER, key: pem.SERVER_KEY, clientCa: pem.CA });
    await kafka.start();
  }, START_LIMIT_MS);
  afterAll(() => kafka.remove());

  beforeEach(() => {
    prefix = `${randomUUID()}.`;
    closers = [];
  });
  afterEach(async () => {
    kafka.thaw();
    for (const close of closers.reverse()) await close();
  });

  function make(settings: Partial<KafkaSettings> = {}) {
    const transport = new KafkaTransport({
      brokers: [kafka.broker],
      clientId: 'test',
      prefix,
      partitions: 4,
      ...settings,
    });
    closers.push(() => transport.close());
    return transport;
  }

  const publisherOf = (transport: KafkaTransport) => new ClientPublisher(transport.client());

  async function consume(
    transport: KafkaTransport,
    topic: Topic,
    handler: (message: { n: number }) => Promise<void> | void,
  ): Promise<KafkaServer> {
    const server = transport.server();
    server.addHandler(topic, async (message: { n: number }) => handler(message), true);
    server.listen(() => undefined);
    closers.push(() => server.close());
    await server.whenJoined();
    return server;
  }

  const numbers = (count: number) => Array.from({ length: count }, (_, n) => ({ n }));

  /** How many messages each partition of a topic holds. */
  async function heldBy(topic: Topic): Promise<number[]> {
    const { Kafka, logLevel } = jest.requireActual<typeof import('kafkajs')>('kafkajs');
    const admin = new Kafka({ brokers: [kafka.broker], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    const partitions = await admin.fetchTopicOffsets(prefix + topic);
    await admin.disconnect();
    return partitions.map(({ high }) => Number(high));
  }

  it('deals the dispatches of one batch out to all partitions alike, and those of many batches', async () => {
    const publisher = publisherOf(make());
    await publisher.publish(TOPICS.execution, numbers(8));
    expect(await heldBy(TOPICS.execution)).toEqual([2, 2, 2, 2]);
    for (const message of numbers(8)) await publisher.publish(TOPICS.execution, [message]);
    expect(await heldBy(TOPICS.execution)).toEqual([4, 4, 4, 4]);
  });

  it('keeps what is said of one job on one partition', async () => {
    const publisher = publisherOf(make());
    await publisher.publish(
      TOPICS.job,
      numbers(8).map(({ n }) => ({ method: 'update', data: { job_id: 'j', n } })),
    );
    expect((await heldBy(TOPICS.job)).sort()).toEqual([0, 0, 0, 8]);
  });

  it('publishes more at once than the broker takes in one batch', async () => {
    const transport = make({ partitions: 1 });
    const seen = new Set<number>();
    await consume(transport, TOPICS.status, ({ n }) => void seen.add(n));
    const padding = 'x'.repeat(10_000);
    await publisherOf(transport).publish(
      TOPICS.status,
      numbers(300).map((message) => ({ ...message, padding })),
    );
    await until(() => seen.size === 300);
  });

  it('begins with the next message where messages are doorbells, with the first where they are requests', async () => {
    const transport = make();
    const publisher = publisherOf(transport);
    const heard: string[] = [];
    for (const topic of [TOPICS.status, TOPICS.immediate] as const) {
      await publisher.publish(topic, [{ n: 1 }]);
      await consume(transport, topic, ({ n }) => void heard.push(`${topic} ${n}`));
      await publisher.publish(topic, [{ n: 2 }]);
    }
    await until(() => heard.length === 3);
    expect(heard.sort()).toEqual([`${TOPICS.immediate} 1`, `${TOPICS.immediate} 2`, `${TOPICS.status} 2`]);
  });

  it('loses no message of a group whose members come and go under load', async () => {
    const handled = new Map<number, number>();
    const handler = async ({ n }: { n: number }) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      handled.set(n, (handled.get(n) ?? 0) + 1);
    };
    const stays = make();
    await consume(stays, TOPICS.execution, handler);
    const publisher = publisherOf(stays);
    let published = 0;
    let isOver = false;
    const publishing = (async () => {
      while (!isOver) {
        await publisher.publish(
          TOPICS.execution,
          numbers(50).map(({ n }) => ({ n: published + n })),
        );
        published += 50;
      }
    })();
    for (let guests = 0; guests < 3; guests++) {
      const guest = await consume(make(), TOPICS.execution, handler);
      const before = handled.size;
      await until(() => handled.size > before + 100);
      await guest.close();
    }
    isOver = true;
    await publishing;
    await until(() => handled.size === published);
    expect(published).toBeGreaterThan(300);
  });

  it('hands what a member has not done to another when that member is closed', async () => {
    let failures = 0;
    const first = await consume(make({ redeliveryDelaysMs: [3_600_000] }), TOPICS.status, () => {
      failures++;
      throw new Error('not here');
    });
    await publisherOf(make()).publish(TOPICS.status, numbers(3));
    await until(() => failures === 3);
    await first.close();
    const seen = new Set<number>();
    await consume(make(), TOPICS.status, ({ n }) => void seen.add(n));
    await until(() => seen.size === 3);
  });

  it('handles no more messages at a time than it may', async () => {
    let atWork = 0;
    let most = 0;
    let done = 0;
    const transport = make({ maxInFlight: 3 });
    await consume(transport, TOPICS.status, async () => {
      most = Math.max(most, ++atWork);
      await new Promise((resolve) => setTimeout(resolve, 2));
      atWork--;
      done++;
    });
    await publisherOf(transport).publish(TOPICS.status, numbers(60));
    await until(() => done === 60);
    expect(most).toBe(3);
  });

  it('gives up what is under way, and refuses more than may be, while the broker does not answer', async () => {
    const transport = make({ maxUnackedBytes: 1000 });
    const publisher = publisherOf(transport);
    await publisher.publish(TOPICS.status, numbers(1));
    kafka.freeze();
    const underWay = publisher.publish(TOPICS.status, numbers(1));
    const tooMuch = publisher.publish(TOPICS.status, numbers(10));
    await expect(tooMuch).rejects.toThrow(/^kafka has not acknowledged \d+ bytes yet$/);
    await expect(underWay).rejects.toThrow('not connected');
    expect(transport.fault()).toMatch(/^kafka 127.0.0.1:\d+ not connected for \d+ s$/);
    kafka.thaw();
    await until(() => transport.fault() === null);
    await expect(publisher.publish(TOPICS.status, numbers(1))).resolves.toBeUndefined();
  });

  it('leaves no connection behind when it was closed while the broker did not answer', async () => {
    const transport = make();
    const server = await consume(transport, TOPICS.status, () => undefined);
    const publisher = publisherOf(transport);
    await publisher.publish(TOPICS.status, numbers(1));
    kafka.freeze();
    await expect(publisher.publish(TOPICS.status, numbers(1))).rejects.toThrow();
    await server.close();
    await transport.close();
    kafka.thaw();
    await until(() => !process.getActiveResourcesInfo().includes('TCPSocketWrap'));
  });

  it('goes on without topics that it may not make, and takes them up when somebody else has', async () => {
    const transport = make({ createTopics: false });
    const seen: number[] = [];
    const joined = consume(transport, TOPICS.status, ({ n }) => void seen.push(n));
    const publisher = publisherOf(transport);
    await expect(publisher.publish(TOPICS.status, numbers(1))).rejects.toThrow();
    await until(() => transport.fault()?.includes('not joined') === true);
    const other = publisherOf(make());
    await other.publish(TOPICS.job, numbers(1));
    await joined;
    await publisher.publish(TOPICS.status, [{ n: 7 }]);
    await until(() => seen.includes(7));
  });

  it.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)(
    'signs in by %s, and says so when it may not',
    async (mechanism) => {
      const brokers = [kafka.brokerWithAccounts];
      const transport = make({ brokers, sasl: { mechanism, ...KAFKA_ACCOUNT } });
      const seen: number[] = [];
      await consume(transport, TOPICS.status, ({ n }) => void seen.push(n));
      await publisherOf(transport).publish(TOPICS.status, [{ n: 1 }]);
      await until(() => seen.includes(1));
      const stranger = make({ brokers, sasl: { mechanism, username: 'ecron', password: 'wrong' } });
      await expect(publisherOf(stranger).publish(TOPICS.status, [{ n: 2 }])).rejects.toThrow('not connected');
    },
  );

  describe('over TLS', () => {
    const CLIENT = { cert: pem.CLIENT, key: pem.CLIENT_KEY };
    const over = (tls: KafkaSettings['tls'] & object) => make({ brokers: [kafka.brokerWithTls], tls });

    it('knows the broker, and proves itself', async () => {
      const transport = over({ ca: pem.CA, ...CLIENT });
      const seen: number[] = [];
      await consume(transport, TOPICS.status, ({ n }) => void seen.push(n));
      await publisherOf(transport).publish(TOPICS.status, [{ n: 1 }]);
      await until(() => seen.includes(1));
    });

    it.each([
      ['a broker that nobody vouches for', CLIENT],
      ['a broker that asks who it is', { ca: pem.CA }],
    ])('says nothing to %s', async (_, tls) => {
      await expect(publisherOf(over(tls)).publish(TOPICS.status, [{ n: 2 }])).rejects.toThrow(
        'not connected',
      );
    });

    it('says nothing to a broker in clear', async () => {
      const transport = make({ tls: { ca: pem.CA, ...CLIENT } });
      await expect(publisherOf(transport).publish(TOPICS.status, [{ n: 2 }])).rejects.toThrow(
        'not connected',
      );
    });
  });
});
