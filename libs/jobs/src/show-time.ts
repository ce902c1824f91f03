import { formatInstant } from '@ecron/domain';

/** The instants of the old answers have whole seconds. */
export function showSecond(ms: number, zone: string): string {
  return formatInstant(startOfSecond(ms), zone);
}

/** "" for an unset instant. */
export function showSecondOrEmpty(ms: number | null, zone: string): string {
  return ms === null ? '' : showSecond(ms, zone);
}

/** "" for an unset instant; milliseconds where there are any. */
export function showInstantOrEmpty(ms: number | null, zone: string): string {
  return ms === null ? '' : formatInstant(ms, zone);
}

export function startOfSecond(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}

/** The inclusive upper bound of a filter whose instants are shown in whole seconds. */
export function endOfSecond(ms: number): number {
  return startOfSecond(ms) + 999;
}
