import { type Job, type PolicySettings } from '../job/job.js';
import { parseInstant } from '../time/instant.js';
import { type LegacyContext, readLegacyContext } from './legacy-context.js';
import { type LegacyJobRow, refuseRow, type RefusedRow } from './legacy-rows.js';
import { type LegacySchedules, type Window } from './legacy-schedules.js';
import { isLonger, isOddTime, legacyTime, legacyType } from './legacy-values.js';

export interface AdoptedJob {
  kind: 'adopted';
  job: Job;
  notices: string[];
}

/** What the columns of ours hold, in characters. */
const MOST = {
  f_job_id: 36,
  f_job_name: 64,
  f_job_cron_time: 128,
  f_tenant_id: 255,
  f_remarks: 256,
} as const;

/** Runs end by their callback, and times in a night of transition are as robfig/cron has them. */
const LEGACY_POLICY: PolicySettings = { completion: 'callback', dst: 'robfig' };

export interface JobAdoption {
  /** IANA zone of the old process, which its jobs keep. */
  zone: string;
  /** Epoch milliseconds: what was due up to now is not made up for. */
  now: number;
  schedules: LegacySchedules;
}

/** A job of the old table as one of ours, or why it cannot be one. Never-firing patterns are taken as they are. */
export function adoptJob(row: LegacyJobRow, adoption: JobAdoption): AdoptedJob | RefusedRow {
  const fault = findFault(row);
  if (fault !== null) return fault;
  const read = readLegacyContext(row.f_job_context);
  return read.kind === 'refused' ? read : schedule(row, read, adoption);
}

function findFault(row: LegacyJobRow): RefusedRow | null {
  if (!row.f_job_id) return refuseRow('no id', 'f_job_id is empty');
  if (!row.f_job_name) return refuseRow('no name', 'f_job_name is empty');
  if (legacyType(row.f_job_type) === undefined)
    return refuseRow('unknown type', 'f_job_type must be 1, 2 or 3');
  for (const [column, characters] of Object.entries(MOST) as [keyof typeof MOST, number][]) {
    if (isLonger(row[column] ?? '', characters)) {
      return refuseRow('too long', `${column} has more than ${characters} characters`);
    }
  }
  return null;
}

function schedule(
  row: LegacyJobRow,
  { context, notices }: LegacyContext,
  { zone, now, schedules }: JobAdoption,
): AdoptedJob | RefusedRow {
  const window = windowOf(context);
  const text = row.f_job_cron_time ?? '';
  const first = schedules.first(text, window);
  if (first.kind === 'refused') return refuseRow('bad schedule', first.rule);
  const enabled = Number(row.f_enabled ?? 0) !== 0;
  const job: Job = {
    jobId: row.f_job_id ?? '',
    tenantId: row.f_tenant_id ?? '',
    name: row.f_job_name ?? '',
    type: legacyType(row.f_job_type) ?? 'scheduled',
    schedule: text,
    timeZone: zone,
    context,
    policy: LEGACY_POLICY,
    ...window,
    enabled,
    remarks: row.f_remarks ?? '',
    version: 1,
    nextSlotAt: enabled ? first.slotAt : null,
    anchorAt: now - (now % 1000),
    createdAt: legacyTime(row.f_create_time) ?? 0,
    updatedAt: legacyTime(row.f_update_time) ?? legacyTime(row.f_create_time) ?? 0,
  };
  return { kind: 'adopted', job, notices: [...notices, ...oddTimes(row), ...oddWindow(context, window)] };
}

/** Times that are none count as unset; the first instant of 1970 does, as it always did. */
function windowOf({ begin_at, end_at }: LegacyContext['context']): Window {
  return { beginAt: parseInstant(begin_at) || null, endAt: parseInstant(end_at) || null };
}

function oddWindow({ begin_at, end_at }: LegacyContext['context'], { beginAt, endAt }: Window): string[] {
  return [
    ...(begin_at !== '' && beginAt === null ? ['begin_at is no time: the job is not bounded by it'] : []),
    ...(end_at !== '' && endAt === null ? ['end_at is no time: the job is not bounded by it'] : []),
  ];
}

function oddTimes(row: LegacyJobRow): string[] {
  const columns = ['f_create_time', 'f_update_time'] as const;
  return columns.filter((column) => isOddTime(row[column])).map((column) => `${column} is no time: unset`);
}
