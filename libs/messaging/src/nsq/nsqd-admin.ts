import { CHANNELS, type Topic } from '../topics.js';
import { create, infoOf } from './nsq-http.js';
import { type HostPort, type NsqConfig } from './nsq-settings.js';

/**
 * Makes topics and channels at nsqd before they are used: a channel gets only what is published after it exists. That
 * goes over HTTP; where nsqd has none that can be reached, they come into being with their first use.
 */
export class NsqdAdmin {
  private http: HostPort | null;
  private announced: HostPort | null = null;

  constructor(private readonly config: NsqConfig) {
    this.http = config.nsqdHttp;
  }

  /** Never rejects. */
  async prepare(topic: string, channel: string | undefined = CHANNELS[topic as Topic]): Promise<void> {
    const http = await this.findHttp();
    if (http === null) return;
    const isMade = await create(http, { topic });
    if (isMade && channel !== undefined) await create(http, { topic, channel });
  }

  /** How the configured nsqd calls itself at nsqlookupd; null when it cannot be asked. */
  async announcedAddress(): Promise<HostPort | null> {
    const http = await this.findHttp();
    if (this.announced !== null || http === null) return this.announced;
    const { broadcast_address: host, tcp_port: port } = (await infoOf(http)) ?? {};
    if (host !== undefined && port !== undefined) this.announced = { host, port };
    return this.announced;
  }

  private async findHttp(): Promise<HostPort | null> {
    const { host, port } = this.config.nsqd;
    const candidate = { host, port: port + 1 };
    if (this.http === null && (await infoOf(candidate))?.tcp_port === port) this.http = candidate;
    return this.http;
  }
}
