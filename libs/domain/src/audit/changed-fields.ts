import { type Job } from '../job/job.js';
import { type JsonValue } from '../job/json-value.js';

/** A job as far as its definition goes: what the service keeps about it by itself is left out. */
export function definitionOf(job: Job): Record<string, JsonValue> {
  const { name, type, schedule, timeZone, context, policy, beginAt, endAt, enabled, remarks } = job;
  return {
    job_name: name,
    job_type: type,
    job_cron_time: schedule,
    time_zone: timeZone,
    begin_at: beginAt,
    end_at: endAt,
    enabled,
    remarks,
    job_context: { ...context, policy } as unknown as JsonValue,
  };
}

/** Members that hold others, by name; anything else is compared as a whole. */
const OPENED = new Set(['job_context', 'job_context.info', 'job_context.info.headers', 'job_context.notify']);

/** Names of one entry at most, so that no edit makes it grow without end. */
const MAX_FIELDS = 64;

/** Paths of what differs between two definitions of a job, sorted; `…` stands for those over 64. */
export function changedFields(before: Job, after: Job): string[] {
  const changed = differences('', definitionOf(before), definitionOf(after)).sort();
  return changed.length > MAX_FIELDS ? [...changed.slice(0, MAX_FIELDS - 1), '…'] : changed;
}

function differences(path: string, before: JsonValue | undefined, after: JsonValue | undefined): string[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (path !== '' && !OPENED.has(path)) return [path];
  const [was, is] = [membersOf(before), membersOf(after)];
  const names = new Set([...Object.keys(was), ...Object.keys(is)]);
  return [...names].flatMap((name) =>
    differences(path === '' ? name : `${path}.${name}`, was[name], is[name]),
  );
}

function membersOf(value: JsonValue | undefined): Record<string, JsonValue> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}
