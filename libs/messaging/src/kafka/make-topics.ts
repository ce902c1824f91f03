import { setTimeout as pause } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { type Admin } from 'kafkajs';
import { describeError } from '../dead-letter.js';
import { CHANNELS, DEAD_LETTER_TOPIC } from '../topics.js';
import { type KafkaOptions } from './kafka-settings.js';

/** A broker that has started, or made a topic, says for a moment that it does not lead it. */
const LED_WITHIN_MS = 5000;
const LOOK_AGAIN_MS = 200;

const logger = new Logger('Kafka');

/** Makes the topics that are missing, and waits a while until all of them can be used. What cannot be made is logged. */
export async function makeTopics(admin: Admin, options: KafkaOptions): Promise<void> {
  const there = await admin.listTopics();
  const wanted = [...Object.keys(CHANNELS), DEAD_LETTER_TOPIC].map((topic) => options.prefix + topic);
  const missing = wanted.filter((topic) => !there.includes(topic));
  const isComplete = missing.length === 0 || (await make(admin, missing, options));
  const usable = isComplete ? wanted : await admin.listTopics();
  await untilLed(
    admin,
    wanted.filter((topic) => usable.includes(topic)),
  );
}

async function make(admin: Admin, missing: string[], options: KafkaOptions): Promise<boolean> {
  const names = missing.join(', ');
  if (!options.createTopics) {
    logger.warn({ event: 'broker.no_topic', msg: `kafka has no topic ${names}` });
    return false;
  }
  try {
    const topics = missing.map((topic) => ({ topic, numPartitions: options.partitions }));
    // Its own wait fails on a topic that is so new that the broker does not know it yet.
    await admin.createTopics({ topics, waitForLeaders: false });
    return true;
  } catch (error) {
    logger.error({
      event: 'broker.topics_not_made',
      msg: `not all of kafka's topics ${names} could be made: ${describeError(error)}`,
    });
    return false;
  }
}

/** kafkajs joins its group anew at each such answer, dozens of times a second, so nobody consumes before. */
async function untilLed(admin: Admin, topics: string[]): Promise<void> {
  const deadline = performance.now() + LED_WITHIN_MS;
  const open = [...topics];
  while (open[0] !== undefined && performance.now() < deadline) {
    if (await isLed(admin, open[0])) open.shift();
    else await pause(LOOK_AGAIN_MS);
  }
}

/** Whatever is wrong for longer shows where the topic is used. */
async function isLed(admin: Admin, topic: string): Promise<boolean> {
  return admin.fetchTopicOffsets(topic).then(
    () => true,
    () => false,
  );
}
