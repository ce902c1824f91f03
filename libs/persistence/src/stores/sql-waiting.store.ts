import { type PolicyDefaults, resolvePolicy } from '@ecron/domain';
import {
  BadRows,
  type HeldRow,
  type OverdueCallback,
  type OverdueSettlement,
  type TakeRequest,
  type UncountedRange,
  WaitingStore,
} from '@ecron/scheduling';
import { Logger } from '@nestjs/common';
import { type Database } from '../database.js';
import { CapQueues } from '../caps/cap-queues.js';
import { releasePlaces } from '../caps/release-places.js';
import { EXECUTIONS, writeWhere } from '../sql/row-locks.js';
import { inList } from '../sql/sql.js';
import { lockActive, releaseActive } from './active-rows.js';
import { type FactsRow, toFacts, VERSION_FACTS } from './mapping.js';
import { findOverdueCallbacks } from './overdue-rows.js';
import { WAKEABLE, wakeSome } from './sleeping-rows.js';
import { queueNotices } from './sql-webhook-notices.js';
import { type HeldColumns, takeUnheld, toHeld } from './unheld-rows.js';

/** Jobs whose sleepers one transaction wakes. */
const SLEEPERS_PER_WAKE = 1_000;

export class SqlWaitingStore extends WaitingStore {
  private readonly caps: CapQueues;
  private readonly bad = new BadRows(new Logger('Waiting'));

  constructor(
    private readonly database: Database,
    private readonly defaults: PolicyDefaults,
  ) {
    super();
    this.caps = new CapQueues(database, defaults.caps);
  }

  takeUnheld(request: TakeRequest): Promise<HeldRow[]> {
    return takeUnheld(this.database, request);
  }

  async findHeld(holder: string): Promise<HeldRow[]> {
    const rows = await this.database.read<HeldColumns>(
      `SELECT execute_id, tenant_id, due_at, traceparent FROM ecron_execution WHERE state = 'waiting' AND holder = ? AND due_at IS NOT NULL`,
      [holder],
    );
    return rows.map(toHeld);
  }

  async findWaiting(holder: string, ids: readonly string[]): Promise<string[]> {
    const found: string[] = [];
    for (let at = 0; at < ids.length; at += 256) {
      const some = inList(ids.slice(at, at + 256));
      const rows = await this.database.read<{ execute_id: string }>(
        `SELECT execute_id FROM ecron_execution WHERE execute_id IN (${some.marks}) AND ${this.database.dialect.isWaiting} AND holder = ?`,
        [...some.values, holder],
      );
      found.push(...rows.map((row) => row.execute_id));
    }
    return found;
  }

  async markSeen(holder: string, dueBefore: number, now: number): Promise<void> {
    const which = `state = 'waiting' AND holder = ? AND due_at < ? AND misfire_at >= ?`;
    const values = [holder, dueBefore, now];
    const late = await this.database.read(`SELECT 1 FROM ecron_execution WHERE ${which} LIMIT 1`, values);
    if (late.length === 0) return;
    await this.database.write('routine', (sql) =>
      writeWhere(sql, { ...EXECUTIONS, where: which, values }, { set: 'misfire_at = NULL' }),
    );
  }

  async wake(now: number): Promise<number> {
    let total = 0;
    // One job's sleepers may fill a page: each page wakes one of them at least, whose job is then taken.
    while ((await this.database.read(WAKEABLE, [1])).length > 0) {
      const woken = await this.database.write('routine', (sql) => wakeSome(sql, now, SLEEPERS_PER_WAKE));
      if (woken === 0) break;
      total += woken;
    }
    if (this.caps.isCapped) await this.caps.handOver(now);
    return total;
  }

  async recountPlaces(now: number): Promise<void> {
    await this.caps.recount();
    await this.caps.handOver(now);
  }

  async release(holder: string): Promise<void> {
    const where = `state = 'waiting' AND holder = ?`;
    await this.database.write('routine', (sql) =>
      writeWhere(sql, { ...EXECUTIONS, where, values: [holder] }, { set: `holder = ''` }),
    );
  }

  findOverdueCallbacks(now: number, limit: number): Promise<OverdueCallback[]> {
    return findOverdueCallbacks(this.database, now, limit, this.bad);
  }

  settleAccepted(overdue: OverdueCallback, settlement: OverdueSettlement): Promise<boolean> {
    const { executeId, epoch, jobId } = overdue;
    const { state, reason, endedAt, dueAt, error, attempts } = settlement;
    const { maxAttempts } = resolvePolicy(overdue.policy, overdue.mode, this.defaults).retry;
    const values = [state, reason, endedAt, dueAt, maxAttempts, error, JSON.stringify(attempts)];
    return this.database.write('routine', async (sql) => {
      await lockActive(sql, [{ jobId }]);
      if (this.caps.isCapped) await releasePlaces(sql, [overdue]);
      const changed = await sql.run(
        `UPDATE ecron_execution SET state = ?, reason = ?, ended_at = ?, due_at = ?, max_attempts = ?, error = ?, attempts = ?
         WHERE execute_id = ? AND epoch = ? AND state = 'accepted'`,
        [...values, executeId, epoch],
      );
      await releaseActive(sql, [{ jobId, executeId }]);
      if (endedAt !== null) await queueNotices(sql, [{ jobId, executeId }], endedAt);
      return changed === 1;
    });
  }

  async findUncounted(limit: number): Promise<UncountedRange[]> {
    const rows = await this.database.read<
      FactsRow & { execute_id: string; slot_at: number; slot_to: number }
    >(
      `SELECT e.execute_id, e.slot_at, e.slot_to, ${VERSION_FACTS} FROM ecron_execution e
       JOIN ecron_job_version v ON v.job_id = e.job_id AND v.version = e.job_version
       WHERE e.state = 'missed' AND e.holder = '' AND e.due_at > 0 LIMIT ?`,
      [limit],
    );
    return rows.map((row) => ({
      executeId: row.execute_id,
      slotAt: row.slot_at,
      slotTo: row.slot_to,
      facts: toFacts(row),
    }));
  }

  async writeCount(executeId: string, count: number): Promise<void> {
    await this.database.write('claim', (sql) =>
      sql.run('UPDATE ecron_execution SET slot_count = ?, due_at = NULL WHERE execute_id = ?', [
        count,
        executeId,
      ]),
    );
  }
}
