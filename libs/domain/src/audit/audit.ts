/** What was done, as `GET /audit` names it. */
export const AUDIT_ACTIONS = [
  'job.create',
  'job.update',
  'job.enable',
  'job.disable',
  'job.notify',
  'job.delete',
  'execution.request',
  'execution.cancel',
  'execution.callback',
  'execution.report',
  'webhook.secret.create',
  'webhook.secret.delete',
  'webhook.replay',
  'webhook.disable',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];
/** What an edit of a stored job is called. */
export type EditAction = Extract<AuditAction, 'job.update' | 'job.enable' | 'job.disable' | 'job.notify'>;

export const AUDIT_OBJECTS = ['job', 'execution', 'webhook'] as const;
export type AuditObject = (typeof AUDIT_OBJECTS)[number];

/**
 * Where a change came from: a call of the API; a target that proved itself by its key, or a receiver of webhooks by its
 * answer; or a message of the queue.
 */
export const AUDIT_SOURCES = ['api', 'target', 'queue'] as const;
export type AuditSource = (typeof AUDIT_SOURCES)[number];

/** On whose behalf something is changed. Every method of a store that changes something for a caller asks for one. */
export interface Actor {
  /** '' where nobody is known: a message of the queue, a receiver's answer. */
  userId: string;
  /** The tenant that the caller works for; '' as above. */
  clientId: string;
  /** Of the call, or of the message; of a receiver's answer the id of the delivery. */
  requestId: string;
  source: AuditSource;
}

/** One change, as it is kept beside it. */
export interface AuditEntry {
  actor: Actor;
  /** Whose object it is; not the actor's tenant where an admin changes it. */
  tenantId: string;
  action: AuditAction;
  objectKind: AuditObject;
  objectId: string;
  /** Hashes of the object as it was and as it is; null: there was, or is, none. */
  beforeHash: string | null;
  afterHash: string | null;
  /** Names of what has changed, never values; empty where all is new or gone. */
  fields: readonly string[];
  /** What came of it, in a word. */
  result: string;
}

/** An entry as it is read. */
export interface AuditRecord extends AuditEntry {
  auditId: string;
  /** Epoch milliseconds. */
  at: number;
}
