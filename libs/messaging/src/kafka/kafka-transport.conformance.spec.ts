import { randomUUID } from 'node:crypto';
import {
  brokerConformance,
  type BrokerUnderTest,
  describeWith,
  LocalKafka,
  transportConformance,
} from '@ecron/testing';
import { Logger } from '@nestjs/common';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { ClientPublisher } from '../message-publisher.js';
import { KafkaTransport } from './kafka-transport.js';

/** A JVM that has to share its processors takes long. */
const START_LIMIT_MS = 180_000;

describeWith('kafka', 'KafkaTransport', ({ version }) => {
  let kafka: LocalKafka;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    kafka = await LocalKafka.make(version);
    await kafka.start();
  }, START_LIMIT_MS);
  afterAll(() => kafka.remove());

  async function make(): Promise<BrokerUnderTest> {
    // One test leaves it stopped.
    await kafka.start();
    const prefix = `${randomUUID()}.`;
    const transport = new KafkaTransport({
      brokers: [kafka.broker],
      clientId: 'test',
      prefix,
      partitions: 4,
    });
    return {
      publisher: new ClientPublisher(transport.client()),
      makeServer: (group) => transport.server(group),
      publishTexts: (topic, texts) => publishTexts(kafka.broker, prefix + topic, texts),
      fault: () => transport.fault(),
      stopBroker: () => kafka.stop(),
      startBroker: () => kafka.start(),
      close: () => transport.close(),
    };
  }

  transportConformance('Kafka', make);
  brokerConformance('Kafka', make);
});

async function publishTexts(broker: string, topic: string, texts: readonly string[]): Promise<void> {
  const client = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING });
  const producer = client.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  await producer.send({ topic, messages: texts.map((value) => ({ value })) });
  await producer.disconnect();
}
