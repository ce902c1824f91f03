import { createHash } from 'node:crypto';
import {
  type Actor,
  type AuditAction,
  type AuditEntry,
  changedFields,
  definitionOf,
  type EditAction,
  type Execution,
  type Job,
  type JsonValue,
} from '@ecron/domain';
import { v7 as newId } from 'uuid';
import { insertIgnore, type Sql, type SqlValue } from '../sql/sql.js';

export const AUDIT_COLUMNS = [
  'audit_id',
  'tenant_id',
  'at',
  'user_id',
  'client_id',
  'request_id',
  'source',
  'action',
  'object_kind',
  'object_id',
  'before_hash',
  'after_hash',
  'fields',
  'result',
] as const;

/** Of what a caller names itself; longer ones are cut, as no change is to fail of it. */
const MAX_NAME_CHARS = 255;
const MAX_REQUEST_ID_CHARS = 64;

/** Keeps changes on record, in the transaction that makes them. */
export async function writeAudit(sql: Sql, entries: readonly AuditEntry[], now: number): Promise<void> {
  if (entries.length === 0) return;
  const rows = entries.map((entry) => auditValues(entry, now));
  await insertIgnore(sql, 'ecron_audit', AUDIT_COLUMNS, rows);
}

function auditValues(entry: AuditEntry, now: number): SqlValue[] {
  const { actor } = entry;
  return [
    newId(),
    entry.tenantId,
    now,
    actor.userId.slice(0, MAX_NAME_CHARS),
    actor.clientId.slice(0, MAX_NAME_CHARS),
    actor.requestId.slice(0, MAX_REQUEST_ID_CHARS),
    actor.source,
    entry.action,
    entry.objectKind,
    entry.objectId,
    entry.beforeHash,
    entry.afterHash,
    JSON.stringify(entry.fields),
    entry.result,
  ];
}

/** SHA-256 of the value as JSON, in hexadecimal digits. */
export const auditHash = (value: JsonValue): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex');

const hashOf = (job: Job | null): string | null => (job === null ? null : auditHash(definitionOf(job)));

/** What became of a job; null: there was none, or is none any more. */
export function jobEntry(
  actor: Actor,
  action: EditAction | 'job.create' | 'job.delete',
  change: { before: Job | null; after: Job } | { before: Job; after: null },
): AuditEntry {
  const { before, after } = change;
  const { jobId, tenantId } = change.after ?? change.before;
  return {
    actor,
    tenantId,
    action,
    objectKind: 'job',
    objectId: jobId,
    beforeHash: hashOf(before),
    afterHash: hashOf(after),
    fields: before === null || after === null ? [] : changedFields(before, after),
    result: before === null ? 'created' : after === null ? 'deleted' : 'changed',
  };
}

/** What was done to a webhook's secret or delivery. */
export const webhookEntry = (
  actor: Actor,
  action: Extract<AuditAction, `webhook.${string}`>,
  { tenantId, id }: { tenantId: string; id: string },
  result: string,
): AuditEntry => ({
  ...{ actor, tenantId, action, result },
  ...{ objectKind: 'webhook', objectId: id, beforeHash: null, afterHash: null, fields: [] },
});

type ExecutionAction = Extract<AuditAction, `execution.${string}`>;

/** A run that a caller, or a message of the queue, asks for. */
export const requestEntry = (actor: Actor, run: Execution): AuditEntry =>
  executionEntry(actor, 'execution.request', run, {
    before: null,
    after: requestOf(run),
    fields: [],
    result: 'created',
  });

/** A result that a target reports; for an execution that had ended it changes the result alone. */
export function callbackEntry(actor: Actor, before: Execution, after: Execution): AuditEntry {
  const isEnd = before.state !== after.state;
  return executionEntry(actor, 'execution.callback', before, {
    before: stateOf(before),
    after: stateOf(after),
    fields: isEnd ? ['state', 'result'] : ['result'],
    result: isEnd ? 'ended' : 'late result kept',
  });
}

/** What was done to an execution. `fields` name what of it has changed; none: it is new. */
export function executionEntry(
  actor: Actor,
  action: ExecutionAction,
  { executeId, tenantId }: Pick<Execution, 'executeId' | 'tenantId'>,
  change: { before: JsonValue | null; after: JsonValue; fields: readonly string[]; result: string },
): AuditEntry {
  const { before, after, fields, result } = change;
  return {
    actor,
    tenantId,
    action,
    objectKind: 'execution',
    objectId: executeId,
    beforeHash: before === null ? null : auditHash(before),
    afterHash: auditHash(after),
    fields,
    result,
  };
}

/** What of an execution a caller can change, for its hash. */
export const stateOf = ({ state, reason, cancelReason, result }: Execution): JsonValue => ({
  state,
  reason,
  cancelReason,
  result,
});

/** What a request asks for, for its hash. */
const requestOf = ({ jobId, context, policy, trigger }: Execution): JsonValue =>
  ({ jobId, context, policy, trigger }) as unknown as JsonValue;
