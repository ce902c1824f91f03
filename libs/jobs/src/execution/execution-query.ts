import { EXECUTION_STATES, type ExecutionState, type Trigger, TRIGGERS } from '@ecron/domain';
import { refuse } from '../errors.js';
import { type Optional } from '../job/job-input.js';
import { readTime } from '../job/read-fields.js';
import { readCursor, readLimit } from '../paging.js';
import { type ExecutionFilter } from '../ports/execution.store.js';

/** The query of GET /execution, as text; "" counts as left out. */
export interface ExecutionQuery {
  job_id?: Optional<string>;
  state?: Optional<readonly string[]>;
  trigger?: Optional<string>;
  from?: Optional<string>;
  to?: Optional<string>;
  limit?: Optional<string>;
  cursor?: Optional<string>;
}

export function readExecutionFilter(query: ExecutionQuery): ExecutionFilter {
  const { from, to } = readRange(query.from, query.to);
  const [nominalAt, executeId] = readCursor(query.cursor, ['number', 'string']) ?? [];
  return {
    limit: readLimit(query.limit),
    ...(query.job_id && { jobId: query.job_id }),
    ...(query.state?.length && { states: query.state.map(readState) }),
    ...(query.trigger && { trigger: readTrigger(query.trigger) }),
    ...(from !== null && { from }),
    ...(to !== null && { to }),
    ...(nominalAt !== undefined && { after: { nominalAt: Number(nominalAt), executeId: String(executeId) } }),
  };
}

/** Half open; an unset bound is null. */
export function readRange(
  from: Optional<string>,
  to: Optional<string>,
): { from: number | null; to: number | null } {
  const range = { from: readTime('from', from), to: readTime('to', to) };
  if (range.from !== null && range.to !== null && range.from > range.to) {
    throw refuse.fields(['from', 'to'], 'from must not be later than to');
  }
  return range;
}

function readState(text: string): ExecutionState {
  const known = EXECUTION_STATES.find((state) => state === text);
  if (known === undefined) throw refuse.field('state', `must be one of ${EXECUTION_STATES.join(', ')}`);
  return known;
}

function readTrigger(text: string): Trigger {
  const known = TRIGGERS.find((trigger) => trigger === text);
  if (known === undefined) throw refuse.field('trigger', `must be one of ${TRIGGERS.join(', ')}`);
  return known;
}
