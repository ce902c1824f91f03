import { type AuditAction, type AuditObject, type AuditRecord, type TenantScope } from '@ecron/domain';

export interface AuditFilter {
  userId?: string;
  action?: AuditAction;
  objectKind?: AuditObject;
  objectId?: string;
  /** Half open, epoch milliseconds. */
  from?: number;
  to?: number;
  limit: number;
  /** The last item of the page before. */
  after?: { at: number; auditId: string };
}

/** What is on record of changes. It is written by the stores that make them, and by nobody changed or deleted. */
export abstract class AuditStore {
  /** Newest first by (at, auditId). The scope is that of the changed objects, not of who changed them. */
  abstract list(scope: TenantScope, filter: AuditFilter): Promise<AuditRecord[]>;
}
