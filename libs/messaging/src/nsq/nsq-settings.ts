/** Where something listens. `host` is a name or an address without brackets. */
export interface HostPort {
  host: string;
  port: number;
}

export interface NsqSettings {
  /** The TCP address that messages are published to and always consumed from; 4150 by convention. */
  nsqd: HostPort;
  /**
   * That nsqd's HTTP address, by which topics and channels are made before they are used. Left out: the port above the
   * TCP one, if an nsqd answers there; else topics are made by their first use.
   */
  nsqdHttp?: HostPort;
  /** HTTP addresses of nsqlookupd, by which further nsqds to consume from are found. Empty: there are none. */
  lookupdHttp: readonly HostPort[];
  /**
   * Messages of one topic that this process handles at a time; of dispatches at most 16, so that a node that is slower
   * than the others gets fewer. Default 500; nsqd takes no more than 2500.
   */
  maxInFlight?: number;
  /** After this without word from a handler's process nsqd hands its message to another, at least 1000. Default 10 000. */
  messageTimeoutMs?: number;
  /** How often nsqd shows that it lives, at least 1000; it is given up after two and a half of them. Default 5000. */
  heartbeatMs?: number;
  /** How often nsqlookupd is asked. Default 5000. */
  lookupPollMs?: number;
  /** An nsqd that leaves a publication unanswered for so long is given up. Default 10 000. */
  ackTimeoutMs?: number;
  /** Publications that nsqd has not answered yet; beyond it publishing is refused. Default 32 MiB. */
  maxUnackedBytes?: number;
  /** nsqd closes the connection on a larger message (its `-max-msg-size`), so it is refused here. Default 1 MiB. */
  maxMessageBytes?: number;
}

export type NsqConfig = Required<Omit<NsqSettings, 'nsqdHttp'>> & { nsqdHttp: HostPort | null };

/** @throws {RangeError} when an address is not one */
export function completeSettings(settings: NsqSettings): NsqConfig {
  for (const address of [settings.nsqd, ...settings.lookupdHttp]) checkAddress(address);
  return {
    maxInFlight: 500,
    messageTimeoutMs: 10_000,
    heartbeatMs: 5000,
    lookupPollMs: 5000,
    ackTimeoutMs: 10_000,
    maxUnackedBytes: 32 * 1024 * 1024,
    maxMessageBytes: 1024 * 1024,
    ...settings,
    nsqdHttp: settings.nsqdHttp ?? null,
  };
}

export function isAddress({ host, port }: HostPort): boolean {
  return host !== '' && Number.isInteger(port) && port > 0 && port < 65_536;
}

function checkAddress(address: HostPort): void {
  if (!isAddress(address)) throw new RangeError(`not a host and a port: ${showAddress(address)}`);
}

/** `host:port`, an IPv6 host in brackets. */
export function showAddress({ host, port }: HostPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
