import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { COUNT, PAYLOAD, text, TIME, TIME_OR_NULL } from './column-kinds.js';

/** Members are named as the columns, so that a raw row and an entity are one type. */
@Entity('ecron_job')
@Index('uq_job_tenant_name', ['tenant_id', 'name'], { unique: true })
@Index('ix_job_created', ['created_at', 'job_id'])
export class JobRow {
  @PrimaryColumn(text(36)) job_id: string;
  @Column(text(255)) tenant_id: string;
  @Column(text(64)) name: string;
  @Column(text(16)) type: string;
  @Column(text(128)) schedule: string;
  @Column(text(64)) time_zone: string;
  @Column(text(16)) mode: string;
  @Column(PAYLOAD) context: string;
  @Column(PAYLOAD) policy: string;
  @Column(TIME_OR_NULL) begin_at: number | null;
  @Column(TIME_OR_NULL) end_at: number | null;
  @Column(COUNT) enabled: number;
  @Column(text(256)) remarks: string;
  @Column(COUNT) version: number;
  @Index('ix_job_next_slot') @Column(TIME_OR_NULL) next_slot_at: number | null;
  @Column(TIME) anchor_at: number;
  @Column(TIME) created_at: number;
  @Column(TIME) updated_at: number;
}

/** A job's schedule as it stood; what had been due can be said from these alone. Outlives the job. */
@Entity('ecron_job_version')
export class JobVersionRow {
  @PrimaryColumn(text(36)) job_id: string;
  @PrimaryColumn(COUNT) version: number;
  @Column(text(255)) tenant_id: string;
  @Column(text(128)) schedule: string;
  @Column(text(64)) time_zone: string;
  @Column(text(16)) dst: string;
  @Column(TIME_OR_NULL) begin_at: number | null;
  @Column(TIME_OR_NULL) end_at: number | null;
  @Column(COUNT) enabled: number;
  @Column(TIME) anchor_at: number;
  @Column(TIME) valid_from: number;
  @Column(TIME_OR_NULL) valid_to: number | null;
}

/** Which execution of a job may run; no row: none does. */
@Entity('ecron_job_active')
export class JobActiveRow {
  @PrimaryColumn(text(36)) job_id: string;
  @Column(text(36)) execute_id: string;
}
