import { type CapReason, type Caps, findCapWishes, type JobContext } from '@ecron/domain';
import { type Sql, updateByKey } from '../sql/sql.js';
import { toContext } from '../stores/mapping.js';
import { type CandidateRow } from '../transactions/start-rows.js';
import { type Applicant, CapBook } from './cap-book.js';
import { type CapClaim, queueOf, toClaim } from './cap-keys.js';

/**
 * Gives the rows that are about to start their places under the caps, oldest first, and resolves with those that have
 * them. The others wait in the queues of what they lack, still due, with the jobs that they have.
 */
export async function placeRuns(
  sql: Sql,
  rows: readonly CandidateRow[],
  caps: Caps | undefined,
  now: number,
): Promise<readonly CandidateRow[]> {
  if (caps === undefined) return rows;
  const lacking = await seek(sql, rows.map((row) => toApplicant(row, caps)).sort(byAge(rows)), now);
  if (lacking.size === 0) return rows;
  await queueUp(sql, rows, lacking);
  return rows.filter((row) => !lacking.has(row.execute_id));
}

/** What each of the applicants lacks that did not get its places. */
export async function seek(
  sql: Sql,
  applicants: readonly Applicant[],
  now: number,
): Promise<Map<string, CapClaim>> {
  const lacking = new Map<string, CapClaim>();
  const capped = applicants.filter(({ claims }) => claims.length > 0);
  if (capped.length === 0) return lacking;
  const book = await CapBook.open(sql, capped, now);
  for (const applicant of capped) {
    const claim = book.take(applicant);
    if (claim !== null) lacking.set(applicant.executeId, claim);
  }
  await book.write(sql);
  return lacking;
}

export function toApplicant(row: CandidateRow, caps: Caps, headOf = ''): Applicant {
  const context = (): JobContext => toContext(row.context ?? row.stored_context ?? '{}');
  return {
    executeId: row.execute_id,
    epoch: row.epoch + 1,
    claims: findCapWishes({ tenantId: row.tenant_id, context }, caps).map(toClaim),
    isUnderWay: row.reason === 're-attach',
    headOf,
  };
}

function byAge(rows: readonly CandidateRow[]): (a: Applicant, b: Applicant) => number {
  const ages = new Map(rows.map((row) => [row.execute_id, row.nominal_at]));
  return (a, b) => (ages.get(a.executeId) ?? 0) - (ages.get(b.executeId) ?? 0);
}

/** They have been seen in time: from now on they are late, never missed. */
export async function queueUp(
  sql: Sql,
  rows: readonly CandidateRow[],
  lacking: ReadonlyMap<string, CapClaim>,
): Promise<void> {
  const values = rows.flatMap((row) => {
    const claim = lacking.get(row.execute_id);
    return claim === undefined ? [] : [toQueued(row, claim)];
  });
  await updateByKey(sql, 'ecron_execution', ['execute_id', 'epoch', 'reason', 'holder'], values, {
    guard: `t.state = 'waiting' AND t.epoch = v.epoch AND t.due_at IS NOT NULL`,
    set: ['reason', 'holder'],
    also: 'misfire_at = NULL',
  });
}

const toQueued = (row: CandidateRow, { key, reason }: CapClaim): [string, number, CapReason, string] => [
  row.execute_id,
  row.epoch,
  reason,
  queueOf(key, row.tenant_id),
];
