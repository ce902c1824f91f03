import {
  CronError,
  type Job,
  type JobContext,
  type JobType,
  parseInstant,
  scheduleOf,
  type PolicySettings,
} from '@ecron/domain';
import { refuse } from '../errors.js';
import { isElsewhere } from '../secrets/keep-secrets.js';
import { openStored, sealSecrets } from '../secrets/seal-secrets.js';
import { type JobSettings } from '../job-settings.js';
import { checkContextSize, readContext, readPolicy } from './job-context.js';
import { type JobInput } from './job-input.js';
import {
  lengthOf,
  MAX_CRON_LENGTH,
  MAX_REMARKS_LENGTH,
  readMode,
  readName,
  readText,
  readType,
  readWindow,
  readZone,
} from './read-fields.js';

/** A job as a client defines it: checked, complete, its secrets sealed, without what only the server sets. */
export interface JobDefinition {
  name: string;
  type: JobType;
  schedule: string;
  timeZone: string;
  context: JobContext;
  policy: PolicySettings;
  beginAt: number | null;
  endAt: number | null;
  enabled: boolean;
  remarks: string;
}

/** What the checks need to know beside the input. */
export interface ReadingSituation {
  jobId: string;
  /** Epoch milliseconds. */
  now: number;
  settings: JobSettings;
  /** Whose a new job is; an edited one keeps its own. */
  tenantId: string;
  /** The stored job of an edit; null: a new job. 'unknown': an edit of a job that does not exist. */
  current: Job | null | 'unknown';
}

/**
 * Checks a job in the order that clients know: name, times, mode, schedule, existence, type, context. The first
 * fault is thrown. An edit that leaves `time_zone` or `policy` out keeps what is stored.
 */
export function readJob(input: JobInput, situation: ReadingSituation): JobDefinition {
  const sent = input.job_context ?? {};
  const { settings } = situation;
  const current = situation.current === 'unknown' ? null : situation.current;

  const name = readName(input.job_name);
  const window = readWindow(sent.begin_at, sent.end_at);
  const mode = readMode(sent.mode, settings.modes);
  const timeZone = keepOrRead(
    current,
    input.time_zone,
    (job) => job.timeZone,
    (zone) => readZone(zone, settings.timeZone),
  );
  const policy = keepOrRead(
    current,
    sent.policy,
    (job) => job.policy,
    () => readPolicy(sent, mode, settings.policyDefaults),
  );
  const schedule = input.job_cron_time ?? '';
  checkSchedule({ ...window, schedule, timeZone, policy, type: input.job_type ?? '' }, situation);
  if (!keepsInstant(current, schedule)) refusePassedInstant(schedule, situation.now);
  if (situation.current === 'unknown') throw refuse.unknownJob();
  const type = readType(input.job_type);
  const tenantId = current?.tenantId ?? situation.tenantId;
  const secrets = openStored(current?.context ?? null, tenantId, settings.sealer);
  const stored = current && {
    info: current.context.info,
    secrets,
    isElsewhere: isElsewhere(current.context.exec, sent.exec ?? ''),
  };
  const clear = readContext(sent, mode, settings.modes, stored);
  checkContextSize(clear, sent.policy === undefined ? {} : policy);
  const context = sealSecrets(clear, tenantId, settings.sealer, secrets);
  const remarks = readText('remarks', input.remarks ?? '', MAX_REMARKS_LENGTH);

  return {
    name,
    type,
    schedule,
    timeZone,
    context,
    policy,
    ...window,
    enabled: input.enabled ?? false,
    remarks,
  };
}

function keepOrRead<V, T>(
  current: Job | null,
  value: V | undefined,
  keep: (job: Job) => T,
  read: (value: V | undefined) => T,
): T {
  return value === undefined && current !== null ? keep(current) : read(value);
}

type ScheduleFields = Pick<JobDefinition, 'schedule' | 'timeZone' | 'policy' | 'beginAt' | 'endAt'> & {
  type: string;
};

function checkSchedule(fields: ScheduleFields, { jobId, now }: ReadingSituation): void {
  if (lengthOf(fields.schedule.trimEnd()) > MAX_CRON_LENGTH) {
    throw refuse.cron(`position ${MAX_CRON_LENGTH}: must have at most ${MAX_CRON_LENGTH} characters`);
  }
  // An unknown type is refused later; until then it is read as the usual one.
  const type = fields.type === 'timed' ? 'timed' : 'scheduled';
  refusingCronErrors(() =>
    scheduleOf({ ...fields, jobId, dst: fields.policy.dst ?? 'default', anchorAt: now, type }),
  );
}

/** Turns what the cron engine objects to into the caller's error. */
export function refusingCronErrors<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof CronError) throw refuse.cron(error.message);
    throw error;
  }
}

// A new job of one instant that has passed would never run; one that is only renamed has had its run.
function refusePassedInstant(schedule: string, now: number): void {
  const instant = parseInstant(schedule.trim());
  if (instant !== null && instant <= now) throw refuse.cron('position 0: the instant has passed');
}

function keepsInstant(current: Job | null, schedule: string): boolean {
  return current !== null && current.type === 'timed' && current.schedule === schedule;
}
