import { type Address, type AddressRange, isWithin, parseRange, rangeOf } from './address.js';
import { normalizeHost } from './host.js';

/** Which private targets may be called although private targets are denied. */
export class AllowList {
  private readonly names = new Set<string>();
  private readonly suffixes: string[] = [];
  private readonly ranges: AddressRange[];

  /**
   * @param hosts names, `*.suffix` (every name below it, not the suffix itself) or addresses.
   * @param cidrs `10.0.0.0/8`, `fd00::/8` or single addresses.
   * @throws RangeError for what is no range.
   */
  constructor(hosts: readonly string[], cidrs: readonly string[]) {
    this.ranges = cidrs.map(rangeOf);
    for (const host of hosts) this.addHost(host.trim());
  }

  hasHost(host: string): boolean {
    return this.names.has(host) || this.suffixes.some((suffix) => host.endsWith(suffix));
  }

  hasAddress(address: Address): boolean {
    return this.ranges.some((range) => isWithin(address, range));
  }

  private addHost(host: string): void {
    const address = parseRange(host);
    if (address !== null) this.ranges.push(address);
    else if (host.startsWith('*.')) this.suffixes.push(`.${normalizeHost(host.slice(2))}`);
    else this.names.add(normalizeHost(host));
  }
}
