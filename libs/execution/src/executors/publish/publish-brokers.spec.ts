import { randomUUID } from 'node:crypto';
import { type JsonObject, type Outcome } from '@ecron/domain';
import { KafkaTransport, NsqTransport, type Transport } from '@ecron/messaging';
import { describeWith } from '@ecron/testing';
import { Logger } from '@nestjs/common';
import { Kafka, logLevel } from 'kafkajs';
import { attemptWith, contextWith } from '../../../test/attempts.js';
import { PublishExecutor } from './publish.executor.js';

const LIMIT_MS = 30_000;
const BODY = { greeting: 'good morning', at: 'Zürich' };

beforeAll(() => void Logger.overrideLogger(false));

function publishThrough(transport: Transport, topic: string, publish: JsonObject = {}): Promise<Outcome> {
  const context = contextWith('publish', topic, { body: BODY, publish });
  return new PublishExecutor(transport.outlet(), ['*']).run(
    attemptWith(context),
    new AbortController().signal,
  );
}

async function untilConnected(transport: Transport): Promise<void> {
  transport.client();
  while (transport.fault() !== null) await new Promise((resolve) => setTimeout(resolve, 10));
}

describeWith('nsq', 'publishing to NSQ', ({ nsqdTcp }) => {
  const [host = '', port] = nsqdTcp.split(':');
  const topic = `publish-${randomUUID()}#ephemeral`;
  let transport: NsqTransport;

  beforeAll(async () => {
    transport = new NsqTransport({ nsqd: { host, port: Number(port) }, lookupdHttp: [] });
    await untilConnected(transport);
  }, LIMIT_MS);
  afterAll(() => transport.close());

  it(
    'brings each message to whoever reads the topic',
    async () => {
      const read: object[] = [];
      const haveCome = new Promise<void>((resolve) => {
        const server = transport.server('reader#ephemeral');
        server.addHandler(
          topic,
          async (message: object) => void (read.push(message) === 2 && resolve()),
          true,
        );
        server.listen(() => undefined);
      });
      expect(await publishThrough(transport, topic)).toEqual({ kind: 'succeeded', result: null });
      expect(await publishThrough(transport, topic, { envelope: true })).toMatchObject({ kind: 'succeeded' });
      await haveCome;
      expect(read).toContainEqual(BODY);
      expect(read).toContainEqual(expect.objectContaining({ execute_id: 'execute-1', body: BODY }));
    },
    LIMIT_MS,
  );

  it.each(['cron.topic.cron.job', 'cron.topic.job.execution', 'has blanks', 'x'.repeat(65), 'a#b'])(
    'refuses the topic %p, and stays connected',
    async (name) => {
      expect(await publishThrough(transport, name)).toMatchObject({ retryable: false, reason: 'bad target' });
      expect(transport.fault()).toBeNull();
    },
  );

  it('refuses what nsqd would break the connection off for', async () => {
    const body = { text: 'x'.repeat(1024 * 1024) };
    const attempt = attemptWith(contextWith('publish', topic, { body }));
    const executor = new PublishExecutor(transport.outlet(), ['*']);
    expect(await executor.run(attempt, new AbortController().signal)).toMatchObject({ reason: 'bad target' });
    expect(transport.fault()).toBeNull();
  });

  it('fails, to be tried again, where no nsqd is', async () => {
    const nowhere = new NsqTransport({ nsqd: { host: '127.0.0.1', port: 9 }, lookupdHttp: [] });
    expect(await publishThrough(nowhere, topic)).toEqual({
      kind: 'failed',
      retryable: true,
      error: 'NSQ did not take the message',
      result: null,
    });
    await nowhere.close();
  });
});

describeWith('kafka', 'publishing to Kafka', ({ brokers }) => {
  const topic = `publish-${randomUUID()}`;
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  let transport: KafkaTransport;

  beforeAll(async () => {
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true });
    transport = new KafkaTransport({ brokers, clientId: 'test', createTopics: false });
    await untilConnected(transport);
  }, LIMIT_MS);
  afterAll(async () => {
    await transport.close();
    await admin.deleteTopics({ topics: [topic] });
    await admin.disconnect();
  }, LIMIT_MS);

  it(
    'brings the message with its key, and who it is from as headers',
    async () => {
      expect(await publishThrough(transport, topic, { key: 'customer-7' })).toMatchObject({
        kind: 'succeeded',
      });
      const consumer = kafka.consumer({ groupId: topic });
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      const message = await new Promise<{ key: unknown; value: unknown; headers?: object }>((resolve) => {
        void consumer.run({ eachMessage: async (payload) => resolve(payload.message) });
      });
      expect([String(message.key), String(message.value)]).toEqual(['customer-7', JSON.stringify(BODY)]);
      const headers = Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]);
      expect(Object.fromEntries(headers)).toMatchObject({ 'x-ecron-execute-id': 'execute-1' });
      await consumer.disconnect();
      await admin.deleteGroups([topic]);
    },
    LIMIT_MS,
  );

  it(
    'fails, to be tried again, where the topic is not there, and makes none',
    async () => {
      const missing = `publish-${randomUUID()}`;
      expect(await publishThrough(transport, missing)).toMatchObject({
        retryable: true,
        error: 'Kafka has no such topic',
      });
      expect(await admin.listTopics()).not.toContain(missing);
      expect(await publishThrough(transport, topic)).toMatchObject({ kind: 'succeeded' });
    },
    LIMIT_MS,
  );

  it.each(['cron.topic.cron.job', 'blue.cron.topic.job.status', '__consumer_offsets', '..', 'has blanks'])(
    'refuses the topic %p',
    async (name) => {
      expect(await publishThrough(transport, name)).toMatchObject({ retryable: false, reason: 'bad target' });
    },
  );

  it('fails, to be tried again, where no broker is', async () => {
    const nowhere = new KafkaTransport({ brokers: ['127.0.0.1:9'], clientId: 'test' });
    expect(await publishThrough(nowhere, topic)).toMatchObject({ kind: 'failed', retryable: true });
    await nowhere.close();
  });
});
