import { minuteOf } from '@ecron/domain';
import { type CapRow } from '../rows/index.js';
import { inList, insertIgnore, type Sql, type SqlValue, updateByKey } from '../sql/sql.js';
import { type CapClaim, isRate } from './cap-keys.js';

/** A run that needs places. */
export interface Applicant {
  executeId: string;
  /** That it will have when it has started. */
  epoch: number;
  claims: readonly CapClaim[];
  /** Goes on with work that is under way already, which no cap can undo. */
  isUnderWay: boolean;
  /** The cap whose queue it is at the head of; '': it comes from none. */
  headOf: string;
}

const COLUMNS = ['cap_key', 'used', 'cap_limit', 'queued', 'minute_at'] as const;
type Entry = Pick<CapRow, (typeof COLUMNS)[number]>;

/** The caps that some applicants need, locked, and who has places of them. */
export class CapBook {
  private readonly changed = new Set<string>();
  private readonly added: SqlValue[][] = [];

  private constructor(
    private readonly entries: ReadonlyMap<string, Entry>,
    private readonly places: Set<string>,
  ) {}

  static async open(sql: Sql, applicants: readonly Applicant[], now: number): Promise<CapBook> {
    const claims = applicants.flatMap((a) => a.claims);
    const limits = new Map(claims.map((claim) => [claim.key, claim.limit]));
    const keys = [...limits.keys()].sort();
    // Where transactions write side by side this locks those that exist, in their order.
    const rows = keys.map((key) => [key, limits.get(key) ?? 0]);
    await insertIgnore(sql, 'ecron_cap', ['cap_key', 'cap_limit'], rows);
    const book = new CapBook(await readCaps(sql, keys), await readPlaces(sql, applicants));
    for (const [key, limit] of limits) book.change(key, { cap_limit: limit });
    book.turnTo(minuteOf(now));
    return book;
  }

  /** Gives the applicant its places, all or none; resolves with the cap that it has to wait for. */
  take(applicant: Applicant): CapClaim | null {
    const missing = applicant.claims.filter(({ key }) => !this.has(applicant, key));
    const full = applicant.isUnderWay ? undefined : missing.find((claim) => !this.isOpenTo(applicant, claim));
    if (full !== undefined) {
      this.change(full.key, { queued: 1 });
      return full;
    }
    for (const { key } of missing) this.add(applicant, key);
    return null;
  }

  async write(sql: Sql): Promise<void> {
    await insertIgnore(sql, 'ecron_cap_place', ['execute_id', 'cap_key', 'epoch'], this.added);
    const rows = [...this.changed].map((key) => {
      const { used = 0, cap_limit = 0, queued = 0, minute_at = 0 } = this.entries.get(key) ?? {};
      return [key, used, cap_limit, queued, minute_at];
    });
    await updateByKey(sql, 'ecron_cap', COLUMNS, rows);
  }

  /** Rates count anew in a new minute; a clock that is behind goes on in the one that has begun. */
  private turnTo(minuteAt: number): void {
    for (const { cap_key: key, minute_at } of this.entries.values())
      if (isRate(key) && minute_at < minuteAt) this.change(key, { used: 0, minute_at: minuteAt });
  }

  /**
   * Who is at the head of one queue passes those of the others: sent on to wait for a place that is free, two could
   * change places for ever.
   */
  private isOpenTo({ headOf }: Applicant, { key }: CapClaim): boolean {
    const entry = this.entries.get(key);
    return entry !== undefined && entry.used < entry.cap_limit && (entry.queued === 0 || headOf !== '');
  }

  private has({ executeId, epoch }: Applicant, key: string): boolean {
    return this.places.has(placeOf(executeId, key, epoch));
  }

  private add({ executeId, epoch }: Applicant, key: string): void {
    this.places.add(placeOf(executeId, key, epoch));
    this.added.push([executeId, key, epoch]);
    this.change(key, { used: (this.entries.get(key)?.used ?? 0) + 1 });
  }

  private change(key: string, members: Partial<Entry>): void {
    const entry = this.entries.get(key);
    if (entry === undefined) return;
    const before = { ...entry };
    Object.assign(entry, members);
    if (JSON.stringify(before) !== JSON.stringify(entry)) this.changed.add(key);
  }
}

const placeOf = (executeId: string, key: string, epoch: number): string => `${executeId} ${key} ${epoch}`;

async function readCaps(sql: Sql, keys: readonly string[]): Promise<Map<string, Entry>> {
  const list = inList(keys);
  const rows = await sql.all<Entry>(
    `SELECT ${COLUMNS.join(', ')} FROM ecron_cap WHERE cap_key IN (${list.marks})`,
    list.values,
  );
  return new Map(rows.map((row) => [row.cap_key, { ...row }]));
}

async function readPlaces(sql: Sql, applicants: readonly Applicant[]): Promise<Set<string>> {
  const ids = inList(applicants.map((a) => a.executeId));
  const rows = await sql.all<{ execute_id: string; cap_key: string; epoch: number }>(
    `SELECT execute_id, cap_key, epoch FROM ecron_cap_place WHERE execute_id IN (${ids.marks})`,
    ids.values,
  );
  return new Set(rows.map((row) => placeOf(row.execute_id, row.cap_key, row.epoch)));
}
