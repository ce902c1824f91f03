import { type Address, type AddressRange, embeddedIPv4, isWithin, rangeOf } from './address.js';

const MAPPED = rangeOf('::ffff:0:0/96');
const LOWEST = rangeOf('::/127');
const LOCAL_NAT64 = rangeOf('64:ff9b:1::/48');
const TEREDO = rangeOf('2001::/32');
const HOST_OF_ITSELF = rangeOf('0.0.0.0/8');
const ISATAP_HOSTS: ReadonlySet<bigint> = new Set([0x0000_5efen, 0x0200_5efen]);

/** Where IPv6 carries an IPv4 address in one piece: the range, and the bits that follow the address. */
const EMBEDDINGS: readonly (readonly [AddressRange, number])[] = [
  // IPv4-compatible (RFC 4291)
  [rangeOf('::/96'), 0],
  // IPv4-translated (RFC 2765)
  [rangeOf('::ffff:0:0:0/96'), 0],
  // NAT64 (RFC 6052)
  [rangeOf('64:ff9b::/96'), 0],
  // 6to4 (RFC 3056)
  [rangeOf('2002::/16'), 80],
  // The server of Teredo (RFC 4380)
  [TEREDO, 64],
];

/**
 * The addresses that a packet to this one can end at: itself, and the IPv4 addresses it carries for a
 * translator or a tunnel. An IPv4-mapped address is nothing but its IPv4 address.
 */
export function reachedBy(address: Address): Address[] {
  if (address.family === 4 || isWithin(address, LOWEST)) return [address];
  if (isWithin(address, MAPPED)) return [embeddedIPv4(address.value, 0)];
  const whole = EMBEDDINGS.filter(([range]) => isWithin(address, range)).map(([, after]) =>
    embeddedIPv4(address.value, after),
  );
  return [address, ...whole, ...teredoClient(address), ...isatapHost(address), ...localNat64(address)];
}

/** Teredo hides the client by inverting its bits. */
function teredoClient(address: Address): Address[] {
  return isWithin(address, TEREDO) ? [embeddedIPv4(~address.value, 0)] : [];
}

/** ISATAP (RFC 5214) is told by the lower half, under any prefix. */
function isatapHost({ value }: Address): Address[] {
  return ISATAP_HOSTS.has(BigInt.asUintN(32, value >> 32n)) ? [embeddedIPv4(value, 0)] : [];
}

/**
 * The range for a network's own NAT64 (RFC 8215) does not say how long the prefix is, so each of the lengths
 * of RFC 6052 is read. A wrong reading begins with zeros and is left out, unless no other is there.
 */
function localNat64(address: Address): Address[] {
  if (!isWithin(address, LOCAL_NAT64)) return [];
  const { value } = address;
  const readings = [48, 56, 64]
    .map((prefix) => embeddedIPv4(withoutReservedOctet(value), 120 - prefix - 32))
    .concat(embeddedIPv4(value, 0));
  const likely = readings.filter((reading) => !isWithin(reading, HOST_OF_ITSELF));
  return likely.length > 0 ? likely : readings.slice(-1);
}

/** Bits 64 to 71 are kept free of the address: what stays are 120 bits. */
function withoutReservedOctet(value: bigint): bigint {
  return ((value >> 64n) << 56n) | BigInt.asUintN(56, value);
}
