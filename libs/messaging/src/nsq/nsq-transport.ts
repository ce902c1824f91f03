import { firstFault } from '../first-fault.js';
import { type Transport } from '../transport.js';
import { NsqClient } from './nsq-client.js';
import { NsqOutlet } from './nsq-outlet.js';
import { NsqServer } from './nsq-server.js';
import { completeSettings, type NsqConfig, type NsqSettings } from './nsq-settings.js';
import { NsqWriter } from './nsq-writer.js';
import { NsqdAdmin } from './nsqd-admin.js';

/**
 * NSQ, by nsqjs, which is loaded with the first server or client. All clients share one connection for publishing;
 * every topic that is consumed has one of its own to each nsqd.
 * @throws {RangeError} when an address is not one
 */
export class NsqTransport implements Transport {
  readonly name = 'nsq';
  private readonly config: NsqConfig;
  private readonly admin: NsqdAdmin;
  private readonly servers = new Set<NsqServer>();
  private writer: NsqWriter | null = null;

  constructor(settings: NsqSettings) {
    this.config = completeSettings(settings);
    this.admin = new NsqdAdmin(this.config);
  }

  /** @param channel whose members share the messages; left out: the channel of each topic. */
  server(channel?: string): NsqServer {
    const { config, admin } = this;
    const parts = { config, admin, writer: this.startWriter() };
    const server = new NsqServer(parts, channel);
    this.servers.add(server);
    return server;
  }

  client(): NsqClient {
    return new NsqClient(this.startWriter());
  }

  outlet(): NsqOutlet {
    return new NsqOutlet(this.startWriter());
  }

  fault(): string | null {
    return this.writer?.fault() ?? firstFault(this.servers);
  }

  async close(): Promise<void> {
    await Promise.all([...this.servers].map((server) => server.close()));
    this.writer?.close();
    this.writer = null;
  }

  private startWriter(): NsqWriter {
    if (this.writer === null) {
      this.writer = new NsqWriter(this.config, this.admin);
      this.writer.start();
    }
    return this.writer;
  }
}
