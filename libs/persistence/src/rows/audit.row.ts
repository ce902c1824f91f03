import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { PAYLOAD, text, TIME } from './column-kinds.js';

const HASH = { type: 'varchar', length: 64, nullable: true } as const;

/** One change that somebody asked for. Rows are added and read, nothing else. */
@Entity('ecron_audit')
@Index('ix_audit_tenant', ['tenant_id', 'at', 'audit_id'])
@Index('ix_audit_time', ['at', 'audit_id'])
@Index('ix_audit_object', ['object_id', 'at', 'audit_id'])
export class AuditRow {
  @PrimaryColumn(text(36)) audit_id: string;
  /** Whose object was changed. */
  @Column(text(255)) tenant_id: string;
  @Column(TIME) at: number;
  @Column(text(255)) user_id: string;
  @Column(text(255)) client_id: string;
  @Column(text(64)) request_id: string;
  @Column(text(16)) source: string;
  @Column(text(32)) action: string;
  @Column(text(16)) object_kind: string;
  @Column(text(64)) object_id: string;
  @Column(HASH) before_hash: string | null;
  @Column(HASH) after_hash: string | null;
  /** A JSON list of names. */
  @Column(PAYLOAD) fields: string;
  @Column(text(32)) result: string;
}
