import { type LookupAddress, type LookupOptions } from 'node:dns';
import { lookup } from 'node:dns/promises';

/** All addresses of a name, in the order in which they are to be tried. Rejects as `dns.lookup` does. */
export type Resolve = (hostname: string, options: LookupOptions) => Promise<LookupAddress[]>;

/** One look-up at a time of each name: each takes a thread of a pool that everything shares, for as long as it lasts. */
export function sharingLookups(resolve: Resolve): Resolve {
  const running = new Map<string, Promise<LookupAddress[]>>();
  return (hostname, options) => {
    const { family, hints, order, verbatim } = options;
    const key = JSON.stringify([hostname, family, hints, order, verbatim]);
    const known = running.get(key);
    if (known !== undefined) return known;
    const found = resolve(hostname, options).finally(() => running.delete(key));
    running.set(key, found);
    return found;
  };
}

/** As the system resolves names, its hosts file included. */
export const resolveBySystem: Resolve = sharingLookups((hostname, options) =>
  lookup(hostname, { ...options, all: true }),
);
