const UNITS_NS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const PART = /(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/y;
const MOST_NS = 2n ** 63n - 1n;
const MOST_DIGITS = 19;

/**
 * A duration as Go's `time.ParseDuration` reads it (`1h30m`, `90s`, `-1.5h`, `0`), in whole seconds, cut towards zero;
 * null when it is none or exceeds 292 years.
 */
export function parseDuration(text: string): number | null {
  const unsigned = text.replace(/^[-+]/, '');
  if (unsigned === '0') return 0;
  const total = unsigned === '' ? null : sumParts(unsigned);
  if (total === null || total > MOST_NS) return null;
  return Number(total / UNITS_NS.s!) * (text.startsWith('-') ? -1 : 1);
}

function sumParts(text: string): bigint | null {
  let total = 0n;
  for (let at = 0; at < text.length; at = PART.lastIndex) {
    PART.lastIndex = at;
    const match = PART.exec(text);
    const part = match && readPart(match[1]!, match[2] ?? '', UNITS_NS[match[3]!]!);
    if (part === null || total > MOST_NS) return null;
    total += part;
  }
  return total;
}

function readPart(whole: string, fraction: string, unit: bigint): bigint | null {
  const digits = whole.replace(/^0+/, '');
  if (whole + fraction === '' || digits.length > MOST_DIGITS) return null;
  const decimals = fraction.slice(0, MOST_DIGITS);
  return BigInt(digits) * unit + (BigInt(decimals) * unit) / 10n ** BigInt(decimals.length);
}
