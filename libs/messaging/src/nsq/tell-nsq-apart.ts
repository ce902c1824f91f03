import { infoOf } from './nsq-http.js';
import { type HostPort, showAddress } from './nsq-settings.js';
import { probeTcp } from './probe-tcp.js';

export interface NsqAddresses {
  /** For publishing, TCP; null when neither address was given, or both turned out to be nsqlookupd's. */
  nsqd: HostPort | null;
  /** Null when it is not known to answer. */
  nsqdHttp: HostPort | null;
  lookupdHttp: HostPort[];
  /** One line for the log: what was found, and by what. */
  note: string;
}

/** What one address is, and where its other port is. */
type Finding =
  | { kind: 'nsqd'; tcp: HostPort; http: HostPort | null; by: 'answer' | 'port' }
  | { kind: 'nsqlookupd'; http: HostPort; by: 'answer' | 'port' }
  | { kind: 'unknown'; address: HostPort };

/**
 * Which of two addresses is nsqd's and which nsqlookupd's: existing configurations disagree about it. Asks what answers,
 * over TCP and HTTP; where nothing does, goes by the conventional ports (4150 and 4151, 4160 and 4161); where those say
 * nothing either, one is what the other is not, and the first is nsqd. Takes 3 s at most; never rejects.
 * @param first what is configured as nsqd, if anything
 * @param second what is configured as nsqlookupd, if anything
 */
export async function tellNsqApart(first: HostPort | null, second: HostPort | null): Promise<NsqAddresses> {
  const given = [first, second].filter((address) => address !== null);
  const findings = await Promise.all(given.map(identify));
  const settled = assumeTheRest(findings, first !== null);
  const nsqd = settled.find((finding) => finding.kind === 'nsqd');
  const lookupds = settled.filter((finding) => finding.kind === 'nsqlookupd');
  return {
    nsqd: nsqd?.tcp ?? null,
    nsqdHttp: nsqd?.http ?? null,
    lookupdHttp: lookupds.map(({ http }) => http),
    note: describeFindings(given, findings, settled),
  };
}

type Known = Exclude<Finding, { kind: 'unknown' }>;

async function identify(address: HostPort): Promise<Finding> {
  switch (await probeTcp(address)) {
    case 'nsqd':
      return { kind: 'nsqd', tcp: address, http: await nsqdHttpOf(address), by: 'answer' };
    case 'nsqlookupd':
      return { kind: 'nsqlookupd', http: above(address), by: 'answer' };
    case 'something else':
      return (await byHttp(address)) ?? byPort(address);
    case 'silence':
      return byPort(address);
  }
}

async function byHttp(address: HostPort): Promise<Finding | null> {
  const info = await infoOf(address);
  if (info === null) return null;
  if (info.tcp_port === undefined) return { kind: 'nsqlookupd', http: address, by: 'answer' };
  return { kind: 'nsqd', tcp: { ...address, port: info.tcp_port }, http: address, by: 'answer' };
}

function byPort(address: HostPort): Finding {
  switch (address.port) {
    case 4150:
      return { kind: 'nsqd', tcp: address, http: null, by: 'port' };
    case 4151:
      return { kind: 'nsqd', tcp: { ...address, port: 4150 }, http: address, by: 'port' };
    case 4160:
      return { kind: 'nsqlookupd', http: above(address), by: 'port' };
    case 4161:
      return { kind: 'nsqlookupd', http: address, by: 'port' };
    default:
      return { kind: 'unknown', address };
  }
}

/** nsqd's HTTP port may be any; by convention it is the one above. */
async function nsqdHttpOf(tcp: HostPort): Promise<HostPort | null> {
  const info = await infoOf(above(tcp));
  return info?.tcp_port === tcp.port ? above(tcp) : null;
}

function above({ host, port }: HostPort): HostPort {
  return { host, port: port + 1 };
}

function assumeTheRest(findings: readonly Finding[], firstIsGiven: boolean): Known[] {
  return findings.map((finding, index) => {
    if (finding.kind !== 'unknown') return finding;
    const other = findings[1 - index];
    const isFirst = index === 0 && firstIsGiven;
    const isNsqd = other === undefined || other.kind === 'unknown' ? isFirst : other.kind === 'nsqlookupd';
    const { address } = finding;
    return isNsqd
      ? { kind: 'nsqd', tcp: address, http: null, by: 'port' }
      : { kind: 'nsqlookupd', http: address, by: 'port' };
  });
}

function describeFindings(
  given: readonly HostPort[],
  findings: readonly Finding[],
  settled: readonly Known[],
): string {
  const parts = settled.map((known, index) => {
    const finding = findings[index];
    const why =
      finding?.kind === 'unknown' ? 'assumed' : known.by === 'answer' ? 'it answered' : 'by its port';
    return `${showAddress(given[index] as HostPort)} is ${known.kind} (${why})`;
  });
  return parts.length === 0 ? 'no address of NSQ is given' : `NSQ: ${parts.join(', ')}`;
}
