import { hostname } from 'node:os';
import { type Config, kafkaBrokers } from '@ecron/config';
import {
  type HostPort,
  type KafkaSettings,
  KafkaTransport,
  MemoryTransport,
  NsqTransport,
  tellNsqApart,
  type Transport,
} from '@ecron/messaging';
import { brokerTls } from './client-tls.js';

const NSQD_PORT = 4150;
const LOOKUPD_PORT = 4161;
const SASL_MECHANISMS = {
  PLAIN: 'plain',
  'SCRAM-SHA-256': 'scram-sha-256',
  'SCRAM-SHA-512': 'scram-sha-512',
} as const;

/** A transport and what the log says of it: addresses, never an account. */
export interface OpenTransport {
  transport: Transport;
  label: string;
}

/** The transport that the configuration names. A broker that is away keeps nothing from starting. */
export async function openTransport(config: Config): Promise<OpenTransport> {
  switch (config.mqConnectorType) {
    case 'memory':
      return { transport: new MemoryTransport(), label: 'messages in memory' };
    case 'nsq':
      return openNsq(config);
    case 'kafka':
      return openKafka(config);
  }
}

/** Historic files disagree on which of the two hosts is nsqd. */
async function openNsq(config: Config): Promise<OpenTransport> {
  const first = hostPort(config.mqHost, config.mqPort ?? NSQD_PORT);
  const second = hostPort(config.mqLookupdHost, config.mqLookupdPort ?? LOOKUPD_PORT);
  const { nsqd, nsqdHttp, lookupdHttp, note } = await tellNsqApart(first, second);
  const transport = new NsqTransport({
    // With nsqlookupd alone there is nowhere to publish to: by custom an nsqd runs on the same machine.
    nsqd: nsqd ?? { host: (second ?? first)?.host ?? '', port: NSQD_PORT },
    ...(nsqdHttp !== null && { nsqdHttp }),
    lookupdHttp,
  });
  return { transport, label: note };
}

function hostPort(host: string | null, port: number): HostPort | null {
  return host === null ? null : { host, port };
}

function openKafka(config: Config): OpenTransport {
  const brokers = kafkaBrokers(config);
  const clientId = `ecron-${hostname()}-${process.pid}`;
  const tls = brokerTls(config);
  const transport = new KafkaTransport({ brokers, clientId, ...saslOf(config), ...(tls && { tls }) });
  return { transport, label: `Kafka at ${brokers.join(', ')}` };
}

function saslOf({ mqUsername, mqPassword, mqMechanism }: Config): Pick<KafkaSettings, 'sasl'> {
  if (mqUsername === null) return {};
  const mechanism = SASL_MECHANISMS[mqMechanism];
  return { sasl: { mechanism, username: mqUsername, password: mqPassword ?? '' } };
}
