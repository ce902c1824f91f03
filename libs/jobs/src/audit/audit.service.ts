import {
  type AuditAction,
  type AuditObject,
  type AuditRecord,
  type AuditSource,
  formatInstant,
} from '@ecron/domain';
import { Injectable } from '@nestjs/common';
import { type Caller, scopeOf } from '../caller.js';
import { JobSettings } from '../job-settings.js';
import { type Page, writeCursor } from '../paging.js';
import { AuditStore } from '../ports/audit.store.js';
import { type AuditQuery, readAuditFilter } from './audit-query.js';

/** One change as answers show it. */
export interface AuditView {
  audit_id: string;
  at: string;
  /** Whose object was changed. */
  tenant_id: string;
  /** Who changed it, for which tenant; "" where it came by the queue. */
  user_id: string;
  client_id: string;
  request_id: string;
  source: AuditSource;
  action: AuditAction;
  object: AuditObject;
  object_id: string;
  /** "" where there was, or is, no such object. */
  before_hash: string;
  after_hash: string;
  /** Names of what has changed. */
  fields: string[];
  result: string;
}

/** Who changed what. */
@Injectable()
export class AuditService {
  constructor(
    private readonly records: AuditStore,
    private readonly settings: JobSettings,
  ) {}

  /** Newest first: changes of the caller's own tenant; an admin sees those of all. */
  async list(caller: Caller, query: AuditQuery): Promise<Page<AuditView>> {
    const filter = readAuditFilter(query);
    // One more than asked for tells whether there is a next page.
    const found = await this.records.list(scopeOf(caller), { ...filter, limit: filter.limit + 1 });
    const page = found.slice(0, filter.limit);
    const last = found.length > filter.limit ? page.at(-1) : undefined;
    return {
      items: page.map((record) => show(record, this.settings.timeZone)),
      next_cursor: last === undefined ? null : writeCursor([last.at, last.auditId]),
    };
  }
}

function show({ actor, ...record }: AuditRecord, zone: string): AuditView {
  return {
    audit_id: record.auditId,
    at: formatInstant(record.at, zone),
    tenant_id: record.tenantId,
    user_id: actor.userId,
    client_id: actor.clientId,
    request_id: actor.requestId,
    source: actor.source,
    action: record.action,
    object: record.objectKind,
    object_id: record.objectId,
    before_hash: record.beforeHash ?? '',
    after_hash: record.afterHash ?? '',
    fields: [...record.fields],
    result: record.result,
  };
}
