import { type LookupAddress, type LookupOptions } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import { type Address, parseAddress } from './address.js';
import { alwaysRefusedAs, METADATA_NAMES, privateAs } from './address-rules.js';
import { AllowList } from './allow-list.js';
import { normalizeHost } from './host.js';
import {
  type LocalAddresses,
  localAddressesOfSystem,
  type OwnAddress,
  OwnAddresses,
  type OwnPlace,
} from './own-addresses.js';
import { reachedBy } from './reach.js';
import { type Resolve, resolveBySystem } from './resolve.js';
import { TargetRefused } from './target-refused.js';

export interface TargetGuardSettings {
  /** Loopback and private ranges. Default `allow`: targets inside one's own cluster are normal. */
  privateTargets?: 'allow' | 'deny';
  /** Names and `*.suffix` that may lead to private ranges all the same. */
  allowHosts?: readonly string[];
  /** Private ranges that may be called all the same. */
  allowCidrs?: readonly string[];
  /** What no job may call, whatever the rest says. */
  ownAddresses?: readonly OwnAddress[];
}

/** What the guard asks the system for; replaced in tests. */
export interface GuardSystem {
  resolve?: Resolve;
  localAddresses?: LocalAddresses;
}

const ANY_PORT = 0;

/**
 * Keeps requests away from where users must not send them (SSRF): always from link-local, metadata,
 * unspecified, multicast and reserved addresses and from what is our own; from private ranges where the
 * settings deny them.
 *
 * A name is judged by the addresses the connection is made to: it is looked up once, each address is judged,
 * and only what passed is handed to the socket. A connection that is kept alive was judged when it was made.
 * Refusals repeat the host as it was written, never what it resolves to.
 */
export class TargetGuard {
  private readonly allowList: AllowList;
  private readonly own: OwnAddresses;
  private readonly resolve: Resolve;
  private readonly deniesPrivate: boolean;
  /** Runs of one job share their URL. */
  private readonly checked = new WeakMap<URL, string | null>();

  /** @throws RangeError for an entry of `allowCidrs` that is no range. */
  constructor(settings: TargetGuardSettings = {}, system: GuardSystem = {}) {
    this.allowList = new AllowList(settings.allowHosts ?? [], settings.allowCidrs ?? []);
    this.resolve = system.resolve ?? resolveBySystem;
    this.own = new OwnAddresses(this.resolve, system.localAddresses ?? localAddressesOfSystem);
    this.deniesPrivate = settings.privateTargets === 'deny';
    for (const address of settings.ownAddresses ?? []) this.own.add(address);
  }

  /** Refuses one more address of our own, to connections that are made from now on. */
  protect(address: OwnAddress): void {
    this.own.add(address);
  }

  /**
   * What can be said of a URL without looking anything up; null: nothing against it so far, the connector
   * has the last word. Neither user nor password is repeated. The URL must not change afterwards.
   */
  check(url: URL): string | null {
    const known = this.checked.get(url);
    if (known !== undefined) return known;
    const refusal = this.examine(url);
    this.checked.set(url, refusal);
    return refusal;
  }

  /**
   * The addresses that a connection to this host (a name, or an address without brackets) may be made to, in
   * the order of the look-up.
   * @throws TargetRefused when there is none; else what the look-up throws.
   */
  async admit(hostname: string, port: number, options: LookupOptions = {}): Promise<LookupAddress[]> {
    const family = isIP(hostname);
    const found = family === 0 ? await this.resolve(hostname, options) : [{ address: hostname, family }];
    const places = this.own.hasPort(port) ? await this.own.placesAt(port) : [];
    const refusals = found.map(({ address }) => this.judge(parseAddress(address), hostname, places));
    const admitted = found.filter((_, i) => refusals[i] === null);
    if (admitted.length > 0) return admitted;
    const [first] = refusals;
    if (first) throw new TargetRefused(describe(hostname, first));
    throw Object.assign(new Error('a name without addresses'), { code: 'ENOTFOUND' });
  }

  /**
   * For `connect` of any undici dispatcher: it opens connections to admitted addresses and to no others. A
   * `lookup` among the options is not used; proxies and `socketPath` are not for guarded dispatchers.
   */
  connector(options: buildConnector.BuildOptions): buildConnector.connector {
    // One for each port at which something of our own answers, and one for all others: a look-up is not told the port.
    const connectors = new Map<number, buildConnector.connector>();
    const connectorAt = (port: number): buildConnector.connector => {
      const known = connectors.get(port);
      if (known !== undefined) return known;
      const made = buildConnector({ ...options, lookup: this.lookupAt(port) });
      connectors.set(port, made);
      return made;
    };
    return (target, callback) => {
      const port = portOf(target.port, target.protocol);
      const connect = connectorAt(this.own.hasPort(port) ? port : ANY_PORT);
      // A socket asks for no look-up of an address.
      if (isIP(target.hostname) === 0) return connect(target, callback);
      this.admit(target.hostname, port)
        .then(() => connect(target, callback))
        .catch((error: Error) => callback(error, null));
    };
  }

  private lookupAt(port: number): LookupFunction {
    return (hostname, options, callback) => {
      this.admit(hostname, port, options).then(
        (admitted) => {
          const [first] = admitted;
          if (options.all === true) callback(null, admitted);
          else callback(null, first?.address ?? '', first?.family ?? 0);
        },
        (error: Error) => callback(error, ''),
      );
    };
  }

  private examine({ protocol, hostname, port }: URL): string | null {
    if (protocol !== 'http:' && protocol !== 'https:') {
      return `${protocol.slice(0, -1)} is neither http nor https`;
    }
    const host = normalizeHost(hostname);
    if (METADATA_NAMES.has(host)) return `${host} is a cloud metadata service`;
    const portNumber = portOf(port, protocol);
    const address = parseAddress(host);
    const refusal =
      address === null
        ? this.own.nameAt(host, portNumber)
        : this.judge(address, host, this.own.knownAt(portNumber));
    return refusal === null ? null : describe(host, refusal);
  }

  /** Null: nothing against it; else what the address is. */
  private judge(address: Address | null, host: string, own: readonly OwnPlace[]): string | null {
    if (address === null) return 'no address';
    for (const reached of reachedBy(address)) {
      const refusal = this.own.find(own, reached) ?? alwaysRefusedAs(reached);
      if (refusal !== null) return refusal;
    }
    return this.deniesPrivate ? this.judgePrivate(address, host) : null;
  }

  private judgePrivate(address: Address, host: string): string | null {
    if (this.allowList.hasHost(normalizeHost(host)) || this.allowList.hasAddress(address)) return null;
    const denied = reachedBy(address).filter((reached) => !this.allowList.hasAddress(reached));
    const [kind] = denied.flatMap((reached) => privateAs(reached) ?? []);
    return kind === undefined ? null : `${kind}, and http_private_targets is deny`;
  }
}

function describe(host: string, refusal: string): string {
  const isAddress = parseAddress(host) !== null;
  return `${host} ${isAddress ? 'is' : 'leads to'} ${refusal}`;
}

function portOf(port: string, protocol: string): number {
  if (port !== '') return Number(port);
  return protocol === 'https:' ? 443 : 80;
}
