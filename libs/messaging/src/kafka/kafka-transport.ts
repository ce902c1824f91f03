import { firstFault } from '../first-fault.js';
import { type Transport } from '../transport.js';
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

  /** @throws {RangeError} when there is no broker */
  constructor(settings: KafkaSettings) {
    this.options = completeSettings(settings);
    this.link = new KafkaLink(this.options);
    this.writer = new KafkaWriter(this.options, this.link);
  }

  /** @param group whose members share the messages; left out: the channel of each topic. */
  server(group?: string): KafkaServer {
    const { options, link, writer } = this;
    const server = new KafkaServer({ options, link, writer }, group);
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
    return this.link.fault() ?? firstFault(this.servers);
  }

  async close(): Promise<void> {
    await this.writer.close();
    await this.link.close();
  }
}
