import { type Transport } from '../transport.js';
import { NsqClient } from './nsq-client.js';
import { NsqOutlet } from './nsq-outlet.js';
import { firstFault, NsqServer } from './nsq-server.js';
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
  private givenUp = 0;

  constructor(settings: NsqSettings) {
    this.config = completeSettings(settings);
    this.admin = new NsqdAdmin(this.config);
  }

  /** @param channel whose members share the messages; left out: the channel of each topic. */
  server(channel?: string): NsqServer {
    const { config, admin } = this;
    const parts = { config, admin, writer: this.startWriter() };
    const onGivenUp = () => void this.givenUp++;
    const server = new NsqServer(parts, { ...(channel === undefined ? {} : { channel }), onGivenUp });
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

  /** Messages that became dead letters here since the start. */
  stats(): { givenUp: number } {
    return { givenUp: this.givenUp };
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
