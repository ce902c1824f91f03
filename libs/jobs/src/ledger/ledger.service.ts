import { Injectable } from '@nestjs/common';
import { Clock, formatInstant, type Job, type TenantScope } from '@ecron/domain';
import { type Caller, scopeOf } from '../caller.js';
import { refuse } from '../errors.js';
import { readRange } from '../execution/execution-query.js';
import { latenessOf } from '../execution/show-execution.js';
import { type Optional } from '../job/job-input.js';
import { type Page, readCursor, readLimit, writeCursor } from '../paging.js';
import { JobStore } from '../ports/job.store.js';
import { LedgerStore } from '../ports/ledger.store.js';
import { zoneOf } from '../schedule/job-slots.js';
import { stretchOf } from './enumerate-slots.js';
import { mergeSlots } from './merge-slots.js';
import { type Fate, type SlotFate } from './slot-fate.js';

const DAY_MS = 86_400_000;
/** Reads of a job that somebody edits all the while; the job before its rows, so the last is rarely wrong. */
const MAX_TRIES = 5;

/** Half open. */
interface Range {
  from: number;
  to: number;
}

/** The query of GET /job/:job_id/slot, as text; "" counts as left out. */
export interface SlotQuery {
  from?: Optional<string>;
  to?: Optional<string>;
  limit?: Optional<string>;
  cursor?: Optional<string>;
}

/** What became of a slot, as answers show it. */
export interface SlotView {
  slot_at: string;
  fate: Fate;
  reason: string;
  /** "" where the slot has no row. */
  execute_id: string;
  lateness_ms: number | null;
  /** Of a range only: its last slot. */
  slot_to?: string;
  /** Of a range only; null until counted. */
  count?: number | null;
}

/** Says of each slot of a job what became of it, judged by the schedule as it stood then. */
@Injectable()
export class LedgerService {
  constructor(
    private readonly jobs: JobStore,
    private readonly ledger: LedgerStore,
    private readonly clock: Clock,
  ) {}

  /** Oldest first; without bounds the last 24 hours. */
  async slots(caller: Caller, jobId: string, query: SlotQuery): Promise<Page<SlotView>> {
    const limit = readLimit(query.limit);
    const range = this.readRange(query);
    const found = await this.collect(caller, jobId, range, limit + 1);
    const items = found.slice(0, limit);
    const last = found.length > limit ? items.at(-1) : undefined;
    return {
      items: items.map(showSlot),
      next_cursor: last === undefined ? null : writeCursor([last.slotTo ?? last.slotAt]),
    };
  }

  private readRange(query: SlotQuery): Range {
    const range = readRange(query.from, query.to);
    const to = range.to ?? this.clock.now();
    const from = range.from ?? to - DAY_MS;
    if (from > to) throw refuse.fields(['from', 'to'], 'from must not be later than to');
    const [seen] = readCursor(query.cursor, ['number']) ?? [];
    return { from: seen === undefined ? from : Math.max(from, Number(seen) + 1), to };
  }

  /** An edit or a claim between the reads could show a slot as lost that is not: they are then done again. */
  private async collect(caller: Caller, jobId: string, range: Range, limit: number): Promise<SlotFate[]> {
    let job = await this.findJob(caller, jobId);
    for (let tries = 1; ; tries++) {
      const found = await this.collectOnce(scopeOf(caller), job, range, limit);
      const after = await this.findJob(caller, jobId);
      const isSame = after.version === job.version && after.nextSlotAt === job.nextSlotAt;
      if (isSame || tries === MAX_TRIES) return found;
      job = after;
    }
  }

  private async findJob(caller: Caller, jobId: string): Promise<Job> {
    const [job] = await this.jobs.findByIds(scopeOf(caller), [jobId]);
    if (job === undefined) throw refuse.unknownJob();
    return job;
  }

  private async collectOnce(
    scope: TenantScope,
    job: Job,
    { from, to }: Range,
    limit: number,
  ): Promise<SlotFate[]> {
    const versions = await this.ledger.versions(scope, job.jobId, from, to);
    const rows = await this.ledger.slotRows(scope, job.jobId, from, to, limit);
    const stretches = versions.map((version) => stretchOf(job.jobId, version, from, to));
    const horizon = { now: this.clock.now(), nextSlotAt: job.nextSlotAt };
    return takeFirst(mergeSlots(stretches, rows, horizon, zoneOf(job)), limit);
  }
}

function takeFirst<T>(items: Iterable<T>, count: number): T[] {
  const taken: T[] = [];
  for (const item of items) {
    taken.push(item);
    if (taken.length === count) break;
  }
  return taken;
}

function showSlot({ slotAt, slotTo, count, fate, row, zone }: SlotFate): SlotView {
  return {
    slot_at: formatInstant(slotAt, zone),
    fate,
    reason: row?.reason ?? '',
    execute_id: row?.executeId ?? '',
    lateness_ms: row === null ? null : latenessOf(row),
    ...(slotTo !== null && { slot_to: formatInstant(slotTo, zone), count }),
  };
}
