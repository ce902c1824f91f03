import { type LookupAddress, type LookupOptions } from 'node:dns';
import { lookup } from 'node:dns/promises';

/** All addresses of a name, in the order in which they are to be tried. Rejects as `dns.lookup` does. */
export type Resolve = (hostname: string, options: LookupOptions) => Promise<LookupAddress[]>;

/** As the system resolves names, its hosts file included. */
export const resolveBySystem: Resolve = (hostname, options) => lookup(hostname, { ...options, all: true });
