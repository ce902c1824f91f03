/**
 * Every topic and its channel: on NSQ the channel, on Kafka the consumer group. The first three are shared
 * with existing clients; `execution` carries dispatches from analysis to management.
 */
export const CHANNELS = {
  'cron.topic.cron.job': 'cron.channel.cron.job',
  'cron.topic.immediate.job': 'cron.channel.immediate.job',
  'cron.topic.job.status': 'cron.channel.job.status',
  'cron.topic.job.execution': 'cron.channel.job.execution',
} as const;

export type Topic = keyof typeof CHANNELS;

/** The topics by what they say, for `@EventPattern<string>(TOPICS.job)`. */
export const TOPICS = {
  job: 'cron.topic.cron.job',
  immediate: 'cron.topic.immediate.job',
  status: 'cron.topic.job.status',
  execution: 'cron.topic.job.execution',
} as const satisfies Record<string, Topic>;

/** Where messages go that no handler could use: `{topic, channel, error, message, at}` each. Nobody consumes it here. */
export const DEAD_LETTER_TOPIC = 'cron.topic.dead.letter';

/** Whether a topic carries what deployments say to themselves, this one or, under a prefix, another. */
export function isControlTopic(topic: string): boolean {
  return topic.includes('cron.topic.');
}

export const CONTROL_TOPIC_FAULT = "must not be one of ECron's own topics (cron.topic.…)";
