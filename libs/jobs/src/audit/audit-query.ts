import { AUDIT_ACTIONS, AUDIT_OBJECTS } from '@ecron/domain';
import { refuse } from '../errors.js';
import { readRange } from '../execution/execution-query.js';
import { type Optional } from '../job/job-input.js';
import { readCursor, readLimit } from '../paging.js';
import { type AuditFilter } from '../ports/audit.store.js';

/** The query of GET /audit, as text; "" counts as left out. */
export interface AuditQuery {
  user_id?: Optional<string>;
  action?: Optional<string>;
  object?: Optional<string>;
  object_id?: Optional<string>;
  from?: Optional<string>;
  to?: Optional<string>;
  limit?: Optional<string>;
  cursor?: Optional<string>;
}

export function readAuditFilter(query: AuditQuery): AuditFilter {
  const { from, to } = readRange(query.from, query.to);
  const [at, auditId] = readCursor(query.cursor, ['number', 'string']) ?? [];
  return {
    limit: readLimit(query.limit),
    ...(query.user_id && { userId: query.user_id }),
    ...(query.action && { action: readWord('action', query.action, AUDIT_ACTIONS) }),
    ...(query.object && { objectKind: readWord('object', query.object, AUDIT_OBJECTS) }),
    ...(query.object_id && { objectId: query.object_id }),
    ...(from !== null && { from }),
    ...(to !== null && { to }),
    ...(at !== undefined && { after: { at: Number(at), auditId: String(auditId) } }),
  };
}

function readWord<T extends string>(name: string, text: string, words: readonly T[]): T {
  const known = words.find((word) => word === text);
  if (known === undefined) throw refuse.field(name, `must be one of ${words.join(', ')}`);
  return known;
}
