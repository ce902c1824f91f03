import { type AdoptionRefusal, type RefusedRow } from '@ecron/domain';

/** The old tables, in the order in which they are adopted. */
export const ADOPTION_SOURCES = ['t_cron_job', 't_cron_job_status'] as const;
export type AdoptionSource = (typeof ADOPTION_SOURCES)[number];

/** A row that stayed behind. */
export interface Refusal {
  key_id: number;
  /** Job id, or execute id; '' where it has none. */
  id: string;
  reason: AdoptionRefusal;
  detail: string;
}

/** A row that was adopted with a change. */
export interface Notice {
  key_id: number;
  id: string;
  text: string;
}

/** What became of one old table, over all runs; kept in `ecron_meta` under `adoption/` and the table's name. */
export interface SourceReport {
  /** The highest `f_key_id` that was looked at: rows up to here are never looked at again. */
  through: number;
  adopted: number;
  /** Jobs that were known here already. */
  known: number;
  refused: number;
  reasons: Partial<Record<AdoptionRefusal, number>>;
  /** The first 500. */
  refusals: Refusal[];
  noticed: number;
  /** The first 500. */
  notices: Notice[];
}

/** How many refusals and notices are kept by name; the rest is counted. */
const MOST_NAMED = 500;

export const emptyReport = (): SourceReport => ({
  through: 0,
  adopted: 0,
  known: 0,
  refused: 0,
  reasons: {},
  refusals: [],
  noticed: 0,
  notices: [],
});

export function addRefusal(report: SourceReport, row: { key_id: number; id: string }, why: RefusedRow): void {
  const { reason, detail } = why;
  report.refused += 1;
  report.reasons[reason] = (report.reasons[reason] ?? 0) + 1;
  if (report.refusals.length < MOST_NAMED) report.refusals.push({ ...row, reason, detail });
}

export function addNotices(
  report: SourceReport,
  row: { key_id: number; id: string },
  texts: readonly string[],
): void {
  report.noticed += texts.length;
  const room = Math.max(MOST_NAMED - report.notices.length, 0);
  report.notices.push(...texts.slice(0, room).map((text) => ({ ...row, text })));
}
