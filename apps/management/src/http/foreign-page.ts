import { isIP } from 'node:net';

/** What a browser says of a request, beside what it asks for. */
export interface PageFacts {
  method: string;
  /** As the client wrote it; undefined: HTTP/1.0. */
  host: string | undefined;
  origin: string | undefined;
  fetchSite: string | undefined;
  fetchMode: string | undefined;
}

/**
 * Why a request comes from a web page that is not ours, or null. Where no token is asked for, a page that an
 * operator happens to have open could else do whatever the operator's machine may.
 * @param listenAddress where the server listens; on loopback a name that is neither ours nor loopback's has been
 *   pointed at us by someone else's DNS
 */
export function findForeignPage(facts: PageFacts, listenAddress: string): string | null {
  const { host, origin, fetchSite } = facts;
  if (host !== undefined && isLoopback(listenAddress) && !isOurs(nameOf(host), listenAddress))
    return 'The Host is not one of this server';
  if (origin !== undefined && hostOf(origin) !== host?.toLowerCase())
    return 'The Origin is not that of this server';
  if ((fetchSite === 'cross-site' || fetchSite === 'same-site') && !isLink(facts))
    return 'The request comes from a page of another site';
  return null;
}

/** A link that someone follows: its page learns nothing of the answer, and reading changes nothing here. */
const isLink = ({ method, fetchMode }: PageFacts): boolean =>
  fetchMode === 'navigate' && (method === 'GET' || method === 'HEAD');

function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || (isIP(address) === 4 && address.startsWith('127.'));
}

const isOurs = (name: string, listenAddress: string): boolean =>
  isIP(name) !== 0 || name === 'localhost' || name.endsWith('.localhost') || name === listenAddress;

/** The name or address without its port and brackets. */
function nameOf(host: string): string {
  const [, bracketed, plain] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(host) ?? [];
  return (bracketed ?? plain ?? '').toLowerCase();
}

/** `null` (a sandboxed page, a file) has none. */
function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
