import { type JsonValue } from '@ecron/domain';
import { refuse } from '../errors.js';
import { type Optional } from '../job/job-input.js';
import { readText, readTime, readType } from '../job/read-fields.js';
import { type StatusReport } from '../ports/execution.store.js';
import { readStatus, reportedState } from './status-query.js';

/** Characters of an execute id, ours (36) or a client's own. */
export const MAX_EXECUTE_ID_LENGTH = 36;
/** Statuses in one report. */
export const MAX_REPORTS = 1000;
/** Executors in one report; the REST layer refuses more. */
export const MAX_EXECUTORS = 100;
/** Characters of an executor's id, and of its time; the REST layer refuses more. */
export const MAX_EXECUTOR_TEXT_LENGTH = 255;
/** UTF-8 bytes of a result as JSON. */
export const MAX_RESULT_BYTES = 65_536;

/** A Status as a client reports it; types are checked, values are not. */
export interface StatusInput {
  execute_id?: Optional<string>;
  job_id?: Optional<string>;
  job_type?: Optional<string>;
  job_name?: Optional<string>;
  job_status?: Optional<string>;
  begin_at?: Optional<string>;
  end_at?: Optional<string>;
  executor?: Optional<{ executor_id?: Optional<string>; executed_at?: Optional<string> }[]>;
  execute_times?: Optional<number>;
  ext_info?: Optional<{ result?: JsonValue }>;
}

/** Checks all items before any is written; the first fault is thrown. */
export function readReports(items: Optional<readonly StatusInput[]>): StatusReport[] {
  if (items === undefined || items === null || items.length === 0) throw refuse.noStatus();
  if (items.length > MAX_REPORTS) throw refuse.field('body', `must have at most ${MAX_REPORTS} items`);
  return items.map(readReport);
}

function readReport(item: StatusInput, index: number): StatusReport {
  return {
    executeId: readExecuteId(`[${index}].execute_id`, item.execute_id ?? ''),
    jobId: readText(`[${index}].job_id`, item.job_id ?? '', 36),
    jobType: readType(item.job_type),
    jobName: readText(`[${index}].job_name`, item.job_name ?? '', 64),
    state: reportedState(readStatus(item.job_status ?? '')),
    beginAt: readTime('begin_at', item.begin_at),
    endAt: readTime('end_at', item.end_at),
    executeTimes: item.execute_times ?? 0,
    executor: (item.executor ?? []).map(readExecutor),
    result: readResult(item.ext_info?.result),
  };
}

function readExecutor(
  executor: NonNullable<NonNullable<StatusInput['executor']>[number]>,
): StatusReport['executor'][number] {
  return { executor_id: executor.executor_id ?? '', executed_at: executor.executed_at ?? '' };
}

function readResult(result: JsonValue | undefined): string | null {
  return result === undefined || result === null ? null : resultText(result);
}

/** A result as it is stored. */
export function resultText(result: JsonValue): string {
  const text = JSON.stringify(result);
  if (Buffer.byteLength(text) > MAX_RESULT_BYTES) {
    throw refuse.tooLarge(`The result must have at most ${MAX_RESULT_BYTES} bytes`);
  }
  return text;
}

/** A client's own id goes into paths and headers, so only what is safe there. */
export function readExecuteId(path: string, id: string): string {
  if (!/^[A-Za-z0-9._:-]+$/.test(id) || id.length > MAX_EXECUTE_ID_LENGTH) {
    throw refuse.field(path, `must have 1 to ${MAX_EXECUTE_ID_LENGTH} characters out of A-Z a-z 0-9 . _ : -`);
  }
  return id;
}
