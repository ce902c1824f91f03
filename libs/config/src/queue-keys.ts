import { key } from './key.js';
import { choice, flag, integer, text, topicList } from './kinds.js';

/** How the services wake one another. */
export const QUEUE_KEYS = {
  mq_connector_type: key({
    group: 'Messages',
    kind: choice('memory', 'nsq', 'kafka'),
    fallback: 'memory',
    doc: 'How the services wake one another. `memory` is inside one process: services that run apart then find work by polling only, up to a second or two late.',
  }),
  mq_accept_context: key({
    group: 'Messages',
    kind: flag,
    fallback: false,
    doc: 'Whether a message on `cron.topic.immediate.job` may bring a `job_context` of its own, HTTP only, to be run instead of what is stored. Whoever can write to the queue can then have any address called.',
  }),
  mq_host: key({
    group: 'Broker',
    kind: text,
    fallback: null,
    fallbackText: 'none',
    doc: 'Host of nsqd, or of a Kafka broker (several with commas between them; a `:port` of their own wins over `mq_port`). Historic files disagree on which of this and `mq_lookupd_host` is nsqd: what answers is asked what it is.',
  }),
  mq_port: key({
    group: 'Broker',
    kind: integer(1, 65_535),
    fallback: null,
    fallbackText: '4150 for NSQ, 9092 for Kafka',
    doc: 'Its port; of nsqd either that for TCP or that for HTTP.',
  }),
  mq_lookupd_host: key({
    group: 'Broker',
    kind: text,
    fallback: null,
    fallbackText: 'none',
    doc: 'NSQ: host of nsqlookupd, which knows every nsqd. Left out, the one nsqd is asked directly. One of the two hosts has to be set.',
  }),
  mq_lookupd_port: key({
    group: 'Broker',
    kind: integer(1, 65_535),
    fallback: null,
    fallbackText: '4161',
    doc: 'NSQ: port of nsqlookupd for HTTP.',
  }),
  mq_username: key({
    group: 'Broker',
    kind: text,
    fallback: null,
    fallbackText: 'none: no authentication',
    doc: 'Kafka: the account (SASL).',
  }),
  mq_password: key({
    group: 'Broker',
    kind: text,
    fallback: null,
    fallbackText: 'none',
    doc: 'Kafka: the password of the account.',
  }),
  mq_mechanism: key({
    group: 'Broker',
    kind: choice('PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'),
    fallback: 'PLAIN',
    doc: 'Kafka: the SASL mechanism, used where `mq_username` is set.',
  }),
  publish_topics: key({
    group: 'Broker',
    kind: topicList,
    fallback: null,
    fallbackText: 'none: publishing is off, such jobs are refused',
    doc: "What jobs of mode `publish` may send to: topics, or beginnings of topics with a `*` behind them. ECron's own topics are refused whatever this says. Asked when a job is saved and at each run.",
  }),
} as const;
