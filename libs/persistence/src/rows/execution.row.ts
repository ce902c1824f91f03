import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { COUNT, PAYLOAD, text, TIME, TIME_OR_NULL } from './column-kinds.js';

const EMPTY = { default: '' };
const PAYLOAD_OR_NULL = { ...PAYLOAD, nullable: true };
const ZERO = { ...COUNT, default: 0 };

@Entity('ecron_execution')
@Index('uq_execution_slot', ['job_id', 'slot_at'], { unique: true })
@Index('ix_execution_held', ['state', 'holder', 'due_at', 'job_id'])
@Index('ix_execution_job', ['job_id', 'nominal_at', 'execute_id'])
@Index('ix_execution_tenant', ['tenant_id', 'nominal_at', 'execute_id'])
@Index('ix_execution_time', ['nominal_at', 'execute_id'])
@Index('ix_execution_job_listed', ['job_id', 'listed_at', 'execute_id'])
@Index('ix_execution_tenant_listed', ['tenant_id', 'listed_at', 'execute_id'])
@Index('ix_execution_listed', ['listed_at', 'execute_id'])
export class ExecutionRow {
  @PrimaryColumn(text(36)) execute_id: string;
  /** '' where no stored job stands behind a request. */
  @Column(text(36)) job_id: string;
  /** 0: the run belongs to no stored job, whatever its job_id says. */
  @Column(COUNT) job_version: number;
  @Column(text(255)) tenant_id: string;
  @Column(text(64)) job_name: string;
  @Column(text(16)) job_type: string;
  @Column(PAYLOAD_OR_NULL) context: string | null;
  @Column(PAYLOAD_OR_NULL) policy: string | null;
  @Column(text(16)) trigger_kind: string;
  @Column(TIME_OR_NULL) slot_at: number | null;
  @Column(TIME_OR_NULL) slot_to: number | null;
  @Column(TIME_OR_NULL) slot_count: number | null;
  @Column(text(16)) state: string;
  @Column(text(32, EMPTY)) reason: string;
  @Column(ZERO) epoch: number;
  @Column(ZERO) attempt: number;
  @Column(ZERO) max_attempts: number;
  @Column(TIME) nominal_at: number;
  @Column(TIME) queued_at: number;
  /** What GET /jobstatus sorts by: begun_at, and nominal_at until then. */
  @Column(TIME) listed_at: number;
  @Column(TIME_OR_NULL) due_at: number | null;
  /** A slot row first seen due after this instant is misfired; null: it has been seen in time, or has none. */
  @Column(TIME_OR_NULL) misfire_at: number | null;
  /** Waiting: the analysis node that has it in its heap, or the queue of a cap. Running: the management node that runs it. Else ''. */
  @Column(text(36, EMPTY)) holder: string;
  @Column(text(36, EMPTY)) start_token: string;
  @Column(TIME_OR_NULL) begun_at: number | null;
  @Column(TIME_OR_NULL) started_at: number | null;
  @Column(TIME_OR_NULL) ended_at: number | null;
  /** When the target's first callback came; a second one changes nothing. */
  @Column(TIME_OR_NULL) callback_at: number | null;
  @Column(TIME_OR_NULL) cancel_at: number | null;
  @Column(text(32, EMPTY)) cancel_reason: string;
  @Column(PAYLOAD_OR_NULL) attempts: string | null;
  @Column(PAYLOAD_OR_NULL) result: string | null;
  @Column(text(1024, EMPTY)) error: string;
  /** W3C Trace Context of the call that asked for it; null: none was traced. */
  @Column({ ...text(55), nullable: true }) traceparent: string | null;
}
