import type { DstRule } from '../job/job.js';

export type ScheduleKind = 'cron' | 'every' | 'once';

/** Moved to the end of a gap, or on a wall time that the zone's clocks show twice. */
export type SlotKind = 'dst_gap' | 'dst_overlap';

/**
 * When a job is due. Immutable; each answer depends on the argument alone. Instants are epoch milliseconds; slots of
 * `cron` and `every` are whole seconds. Nothing is found before the year 1 or after the year 9999. Both searches are
 * bounded in time; for a pattern whose times all fall into gaps they give up after some decades with null.
 */
export interface Schedule {
  /** As the client wrote it. */
  readonly text: string;
  readonly kind: ScheduleKind;
  /** The IANA zone in effect: that of a `CRON_TZ=` prefix, else the job's. */
  readonly zone: string;
  /** The first slot strictly later; null when there is none (`robfig`: none up to the end of the fifth year after). */
  next(afterMs: number): number | null;
  /** The last slot strictly earlier; null when there is none (`robfig`: none in that year and the five before). */
  prev(beforeMs: number): number | null;
}

export interface ScheduleOptions {
  /** The job's IANA zone. */
  zone: string;
  dst: DstRule;
  /** What `H` hashes: the job's id; `''` where there is none yet. */
  hashKey: string;
  /** What `@every` counts from, cut to the whole second; null: from wherever one asks. */
  anchorMs: number | null;
  /** First and last instant of the window, both inclusive; null or left out: open. */
  beginAt?: number | null;
  endAt?: number | null;
  /** Take an RFC 3339 instant as a schedule of one slot; false when left out. */
  allowInstant?: boolean;
}
