import {
  type AuditAction,
  type AuditObject,
  type AuditRecord,
  type AuditSource,
  type TenantScope,
} from '@ecron/domain';
import { type AuditFilter, AuditStore } from '@ecron/jobs';
import { type Database } from '../database.js';
import { type AuditRow } from '../rows/index.js';
import { Where } from './where.js';

export class SqlAuditStore extends AuditStore {
  constructor(private readonly database: Database) {
    super();
  }

  async list(scope: TenantScope, filter: AuditFilter): Promise<AuditRecord[]> {
    const where = whereOf(scope, filter);
    const rows = await this.database.browse<AuditRow>(
      `SELECT e.* FROM ecron_audit e WHERE ${where.sql} ORDER BY e.at DESC, e.audit_id DESC LIMIT ?`,
      [...where.values, filter.limit],
    );
    return rows.map(toRecord);
  }
}

function whereOf(scope: TenantScope, filter: AuditFilter): Where {
  const where = new Where(scope);
  const { userId, action, objectKind, objectId, from, to, after } = filter;
  if (userId !== undefined) where.and('e.user_id = ?', userId);
  if (action !== undefined) where.and('e.action = ?', action);
  if (objectKind !== undefined) where.and('e.object_kind = ?', objectKind);
  if (objectId !== undefined) where.and('e.object_id = ?', objectId);
  if (from !== undefined) where.and('e.at >= ?', from);
  if (to !== undefined) where.and('e.at < ?', to);
  if (after === undefined) return where;
  return where.and('e.at <= ?', after.at).and('(e.at < ? OR e.audit_id < ?)', after.at, after.auditId);
}

function toRecord(row: AuditRow): AuditRecord {
  return {
    auditId: row.audit_id,
    at: row.at,
    actor: {
      userId: row.user_id,
      clientId: row.client_id,
      requestId: row.request_id,
      source: row.source as AuditSource,
    },
    tenantId: row.tenant_id,
    action: row.action as AuditAction,
    objectKind: row.object_kind as AuditObject,
    objectId: row.object_id,
    beforeHash: row.before_hash,
    afterHash: row.after_hash,
    fields: JSON.parse(row.fields) as string[],
    result: row.result,
  };
}
