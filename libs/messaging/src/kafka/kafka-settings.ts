import { type KafkaConfig, type SASLOptions } from 'kafkajs';

export interface KafkaSasl {
  mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  username: string;
  password: string;
}

/** All in PEM. */
export interface KafkaTls {
  /** Certificates that vouch for the brokers; left out: those that Node trusts. */
  ca?: string;
  /** What the service proves itself with; both or none. */
  cert?: string;
  key?: string;
}

export interface KafkaSettings {
  /** `host:port` each; any of them tells of the others. At least one. */
  brokers: readonly string[];
  /** How the broker's logs and quotas name this process. */
  clientId: string;
  sasl?: KafkaSasl;
  /** TLS, where it is to be spoken; certificates are verified. Default none. */
  tls?: KafkaTls;
  /** Put before the names of all topics and groups, so that several deployments can share a cluster. Default none. */
  prefix?: string;
  /** Whether topics that are missing are made; where the broker forbids it that is logged and all else goes on. Default true. */
  createTopics?: boolean;
  /** Partitions of a topic that is made here: so many members of a group can share it. Default 8. */
  partitions?: number;
  /** Messages of one topic that this process handles at a time. Default 100. */
  maxInFlight?: number;
  /** After this without word from a member its partitions go to the others; brokers take no less than 6000. Default 6000. */
  sessionTimeoutMs?: number;
  /** A message whose handler failed is handed to it again after each of these in turn. Default 100, 500 and 2500. */
  redeliveryDelaysMs?: readonly number[];
  /** Publications that the broker has not acknowledged; beyond it publishing is refused. Default 32 MiB. */
  maxUnackedBytes?: number;
  /** Messages are sent in requests of at most this; a larger one goes alone. Brokers refuse batches over 1 MiB. Default 768 KiB. */
  maxRequestBytes?: number;
}

export type KafkaOptions = Required<Omit<KafkaSettings, 'sasl' | 'tls'>> &
  Pick<KafkaSettings, 'sasl' | 'tls'>;

/** @throws {RangeError} when there is no broker */
export function completeSettings(settings: KafkaSettings): KafkaOptions {
  if (settings.brokers.length === 0) throw new RangeError('no Kafka broker is named');
  return {
    prefix: '',
    createTopics: true,
    partitions: 8,
    maxInFlight: 100,
    sessionTimeoutMs: 6000,
    redeliveryDelaysMs: [100, 500, 2500],
    maxUnackedBytes: 32 * 1024 * 1024,
    maxRequestBytes: 768 * 1024,
    ...settings,
  };
}

/** One request; a broker that is stuck is noticed earlier, by the link's probe. */
const REQUEST_TIMEOUT_MS = 5000;
const CONNECT_TIMEOUT_MS = 2000;

/** What kafkajs is told about the connection. Few retries: whoever asked shall learn soon, and asks again in its own way. */
export function connectionConfig(options: KafkaOptions): KafkaConfig {
  const { brokers, clientId, tls, sasl } = options;
  return {
    brokers: [...brokers],
    clientId,
    ...(tls === undefined ? {} : { ssl: { ...tls } }),
    ...(sasl === undefined ? {} : { sasl: { ...sasl } as SASLOptions }),
    connectionTimeout: CONNECT_TIMEOUT_MS,
    authenticationTimeout: REQUEST_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    retry: { retries: 2, initialRetryTime: 50, maxRetryTime: 300, factor: 0.2, multiplier: 2 },
  };
}
