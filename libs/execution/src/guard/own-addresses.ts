import { networkInterfaces } from 'node:os';
import { type Address, isSame, isWithin, parseAddress, rangeOf } from './address.js';
import { isLoopback } from './address-rules.js';
import { normalizeHost } from './host.js';
import { reachedBy } from './reach.js';
import { type Resolve } from './resolve.js';

/** Where something of our own answers that no job may call. */
export interface OwnAddress {
  /** A name, an address, or 0.0.0.0 or :: for every address of this machine. */
  host: string;
  port: number;
  /** Shown to users with the port, such as `the database of this service`. */
  what: string;
}

/** The addresses behind one own address. */
export interface OwnPlace {
  readonly addresses: readonly Address[];
  readonly what: string;
}

interface Entry {
  readonly host: string;
  readonly what: string;
  /** Null for a name. */
  readonly address: Address | null;
}

/** The addresses of this machine's network interfaces. */
export type LocalAddresses = () => Address[];

export const localAddressesOfSystem: LocalAddresses = () =>
  Object.values(networkInterfaces())
    .flatMap((interfaces) => interfaces ?? [])
    .flatMap(({ address }) => parseAddress(address) ?? []);

const EVERY_ADDRESS = [rangeOf('0.0.0.0'), rangeOf('::')];

/** What of our own answers at which port. Names are looked up anew for each question: addresses move. */
export class OwnAddresses {
  private readonly byPort = new Map<number, Entry[]>();
  /** What a name led to when it could last be looked up. */
  private readonly lastKnown = new Map<string, readonly Address[]>();

  constructor(
    private readonly resolve: Resolve,
    private readonly localAddresses: LocalAddresses,
  ) {}

  add({ host, port, what }: OwnAddress): void {
    const normal = normalizeHost(host);
    if (this.entriesAt(port).some((entry) => entry.host === normal)) return;
    const [address = null] = reachedByText(normal);
    this.byPort.set(port, [
      ...(this.byPort.get(port) ?? []),
      { host: normal, what: `${what} at port ${port}`, address },
    ]);
  }

  hasPort(port: number): boolean {
    return this.byPort.has(port);
  }

  /** What is called by just this name, or null. */
  nameAt(host: string, port: number): string | null {
    return this.entriesAt(port).find((entry) => entry.host === host)?.what ?? null;
  }

  /** Of what is known by its address. */
  knownAt(port: number): OwnPlace[] {
    return this.entriesAt(port).flatMap(({ address, what }) =>
      address === null ? [] : [{ addresses: [address], what }],
    );
  }

  placesAt(port: number): Promise<OwnPlace[]> {
    return Promise.all(
      this.entriesAt(port).map(async ({ host, address, what }) => ({
        addresses: address === null ? await this.lookUp(host) : [address],
        what,
      })),
    );
  }

  /** Which of the places an address leads to. What answers on one address of this machine may on each. */
  find(places: readonly OwnPlace[], address: Address): string | null {
    if (places.length === 0) return null;
    const local = this.localAddresses();
    const isLocal = isOfMachine(address, local);
    const isThere = (own: Address) => isSame(own, address) || (isLocal && isOfMachine(own, local));
    return places.find(({ addresses }) => addresses.some(isThere))?.what ?? null;
  }

  private entriesAt(port: number): readonly Entry[] {
    return this.byPort.get(port) ?? [];
  }

  /** A name that cannot be looked up keeps its last addresses. */
  private async lookUp(host: string): Promise<readonly Address[]> {
    try {
      const found = await this.resolve(host, {});
      const addresses = found.flatMap(({ address }) => reachedByText(address).slice(0, 1));
      this.lastKnown.set(host, addresses);
      return addresses;
    } catch {
      return this.lastKnown.get(host) ?? [];
    }
  }
}

function reachedByText(text: string): Address[] {
  const address = parseAddress(text);
  return address === null ? [] : reachedBy(address);
}

function isOfMachine(address: Address, local: readonly Address[]): boolean {
  return (
    isLoopback(address) ||
    EVERY_ADDRESS.some((range) => isWithin(address, range)) ||
    local.some((each) => isSame(each, address))
  );
}
