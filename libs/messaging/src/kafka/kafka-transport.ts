import { type Transport } from '../transport.js';
import { type KafkaStats } from './deliverer.js';
import { KafkaClient } from './kafka-client.js';
import { KafkaLink } from './kafka-link.js';
import { KafkaOutlet } from './kafka-outlet.js';
import { KafkaServer } from './kafka-server.js';
import { completeSettings, type KafkaOptions, type KafkaSettings } from './kafka-settings.js';
import { KafkaWriter } from './kafka-writer.js';

/** Kafka as the queue between processes. Nothing is loaded or connected before a client is made or a server listens. */
export class KafkaTransport implements Transport {
  readonly name = 'kafka';
  private readonly options: KafkaOptions;
  private readonly link: KafkaLink;
  private readonly writer: KafkaWriter;
  private readonly servers: KafkaServer[] = [];
  private readonly counts: KafkaStats = { redelivered: 0, deadLetters: 0 };

  /** @throws {RangeError} when there is no broker */
  constructor(settings: KafkaSettings) {
    this.options = completeSettings(settings);
    this.link = new KafkaLink(this.options);
    this.writer = new KafkaWriter(this.options, this.link);
  }

  /** @param group whose members share the messages; left out: the channel of each topic. */
  server(group?: string): KafkaServer {
    const { options, link, writer, counts: stats } = this;
    const server = new KafkaServer({ options, link, writer, stats }, group);
    this.servers.push(server);
    return server;
  }

  client(): KafkaClient {
    this.link.start();
    return new KafkaClient(this.writer, this.options.prefix);
  }

  outlet(): KafkaOutlet {
    this.link.start();
    return new KafkaOutlet(this.writer);
  }

  fault(): string | null {
    const ofServers = this.servers.map((server) => server.fault());
    return this.link.fault() ?? ofServers.find((fault) => fault !== null) ?? null;
  }

  stats(): KafkaStats {
    return { ...this.counts };
  }

  async close(): Promise<void> {
    await this.writer.close();
    await this.link.close();
  }
}
