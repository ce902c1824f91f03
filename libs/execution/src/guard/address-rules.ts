import { type Address, type AddressRange, isWithin, rangeOf } from './address.js';

interface Rule {
  /** Completes "the host is …". */
  readonly text: string;
  readonly ranges: readonly AddressRange[];
}

const ALWAYS_REFUSED: readonly Rule[] = [
  rule(
    'a cloud metadata address',
    '169.254.169.254',
    '169.254.170.2',
    // Alibaba, Oracle, Azure
    '100.100.100.200',
    '192.0.0.192',
    '168.63.129.16',
    // Amazon, Google, Oracle, Scaleway
    'fd00:ec2::/32',
    'fd20:ce::254',
    'fd00:c1::a9fe:a9fe',
    'fd00:42::42',
  ),
  rule('a link-local address', '169.254.0.0/16', 'fe80::/10'),
  rule('an unspecified address', '0.0.0.0/8', '::'),
  rule('a multicast address', '224.0.0.0/4', 'ff00::/8'),
  rule('the broadcast address', '255.255.255.255'),
  rule('a reserved address', '240.0.0.0/4'),
];

const LOOPBACK = rule('a loopback address', '127.0.0.0/8', '::1');
const PRIVATE: readonly Rule[] = [
  LOOPBACK,
  rule(
    'a private address',
    '10.0.0.0/8',
    '172.16.0.0/12',
    '192.168.0.0/16',
    // Shared by carriers (RFC 6598), protocol assignments (RFC 6890), benchmarks (RFC 2544, RFC 5180)
    '100.64.0.0/10',
    '192.0.0.0/24',
    '198.18.0.0/15',
    '2001:2::/48',
    'fc00::/7',
    // Site-local: given up by RFC 3879, still used here and there
    'fec0::/10',
  ),
];

/** Names of metadata services, which need no look-up to be known. */
export const METADATA_NAMES: ReadonlySet<string> = new Set(['metadata.google.internal', 'metadata.goog']);

/** What an address is that no configuration allows ("a link-local address"), or null. */
export function alwaysRefusedAs(address: Address): string | null {
  return findRule(ALWAYS_REFUSED, address);
}

/** What an address is that belongs to this machine or to a network of one's own, or null. */
export function privateAs(address: Address): string | null {
  return findRule(PRIVATE, address);
}

/** Whether an address leads to this machine whatever the network is: loopback, or 0.0.0.0 and its like. */
export function isLoopback(address: Address): boolean {
  return findRule([LOOPBACK], address) !== null;
}

function rule(text: string, ...ranges: string[]): Rule {
  return { text, ranges: ranges.map(rangeOf) };
}

function findRule(rules: readonly Rule[], address: Address): string | null {
  return rules.find(({ ranges }) => ranges.some((range) => isWithin(address, range)))?.text ?? null;
}
