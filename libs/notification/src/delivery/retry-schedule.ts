const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** After the first try, the second, …; the last one comes some three days after the first. */
const PAUSES_MS = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  20 * HOUR,
];

/** Part of a pause by which it may be shorter or longer, so that a herd of failures does not come back as one. */
const JITTER = 0.1;
/** Longer than this no receiver is waited for. */
const MAX_ASKED_MS = 24 * HOUR;

/**
 * When a failed delivery is tried again; null: never.
 * @param attempt the one that has failed, from 1
 * @param askedMs what the receiver's Retry-After asked for, 0 where it asked for nothing
 * @param random in [0, 1)
 */
export function nextTryAt(attempt: number, askedMs: number, now: number, random: number): number | null {
  const pause = PAUSES_MS[attempt - 1];
  if (pause === undefined) return null;
  const jittered = pause * (1 + JITTER * (2 * random - 1));
  return Math.round(now + Math.max(jittered, Math.min(askedMs, MAX_ASKED_MS)));
}
