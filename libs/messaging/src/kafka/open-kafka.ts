import { Logger } from '@nestjs/common';
import { type Kafka, type LogEntry } from 'kafkajs';
import { connectionConfig, type KafkaOptions } from './kafka-settings.js';

/**
 * Each consumer needs a `Kafka` of its own: the offsets of a group are kept there,
 * and two members would mix theirs up.
 */
export async function openKafka(options: KafkaOptions): Promise<Kafka> {
  const kafkajs = await loadKafkajs();
  return new kafkajs.Kafka({
    ...connectionConfig(options),
    logLevel: kafkajs.logLevel.WARN,
    logCreator: () => log,
  });
}

/** At the first call only: who uses another queue does without it. */
export async function loadKafkajs() {
  return (await import('kafkajs')).default;
}

const logger = new Logger('kafkajs');

/**
 * All at debug: it calls every rebalance and every retry an error. What matters reaches the parts here as an event or a
 * rejection, and they log it.
 */
function log({ namespace, log: entry }: LogEntry): void {
  const { message, topic, groupId, error } = entry;
  const details = [topic, groupId, error].filter((detail) => typeof detail === 'string');
  logger.debug({ event: 'broker.client', msg: [`${namespace}: ${message}`, ...details].join(', ') });
}
