import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { COUNT, PAYLOAD, text, TIME, TIME_OR_NULL } from './column-kinds.js';

const EMPTY = { default: '' };

/** Where results of one job, or of one run of no job, are told. A job that never had a webhook has no row. */
@Entity('ecron_webhook')
@Index('ix_webhook_gone', ['gone_at', 'owner_id'])
export class WebhookRow {
  /** The job's id; of a run of no job its execute id. */
  @PrimaryColumn(text(40)) owner_id: string;
  @Column(text(255)) tenant_id: string;
  @Column(PAYLOAD) url: string;
  /** Host and port of the URL; '' where nothing can be sent to it. */
  @Column(text(255)) host: string;
  @Column(text(8)) notify_on: string;
  /** 0: cleared, or disabled by its receiver. */
  @Column(COUNT) is_on: number;
  /** Of the last notice. */
  @Column({ ...TIME, default: 0 }) sequence: number;
  @Column(text(16, EMPTY)) last_outcome: string;
  /** Notices that were dropped because too many were undelivered. */
  @Column({ ...TIME, default: 0 }) superseded: number;
  /** Null: the last try was a success, or there was none. */
  @Column(TIME_OR_NULL) failing_since: number | null;
  /** The job is deleted, or there never was one: the row goes with its last delivery. */
  @Column(TIME_OR_NULL) gone_at: number | null;
}

/** One result to be told, and what has become of that. */
@Entity('ecron_webhook_delivery')
@Index('ix_delivery_queue', ['queue_host', 'due_at'])
@Index('ix_delivery_owner', ['owner_id', 'status', 'sequence'])
@Index('ix_delivery_tenant', ['tenant_id', 'created_at', 'delivery_id'])
@Index('ix_delivery_job', ['job_id', 'created_at', 'delivery_id'])
@Index('ix_delivery_time', ['created_at', 'delivery_id'])
export class WebhookDeliveryRow {
  /** The execute id: an execution ends once. */
  @PrimaryColumn(text(36)) delivery_id: string;
  @Column(text(40)) owner_id: string;
  @Column(text(36)) job_id: string;
  @Column(text(255)) tenant_id: string;
  @Column(text(16)) state: string;
  @Column(TIME) sequence: number;
  @Column(text(16)) status: string;
  /** Tries so far, since it was queued or replayed. */
  @Column({ ...COUNT, default: 0 }) attempt: number;
  /** The webhook's host while the delivery is pending, else ''. */
  @Column(text(255, EMPTY)) queue_host: string;
  @Column(TIME_OR_NULL) due_at: number | null;
  /** Of the claim under which it is being sent; '': it is not. */
  @Column(text(36, EMPTY)) token: string;
  @Column(TIME) created_at: number;
  @Index('ix_delivery_ended') @Column(TIME_OR_NULL) ended_at: number | null;
  @Column({ ...COUNT, nullable: true }) status_code: number | null;
  @Column(text(255, EMPTY)) error: string;
}

/** What a tenant's deliveries are signed with: two places of each kind. */
@Entity('ecron_webhook_secret')
@Index('uq_webhook_secret_place', ['tenant_id', 'kind', 'place'], { unique: true })
export class WebhookSecretRow {
  @PrimaryColumn(text(36)) secret_id: string;
  @Column(text(255)) tenant_id: string;
  @Column(text(16)) kind: string;
  @Column(COUNT) place: number;
  @Column(PAYLOAD) sealed: string;
  /** '' of a symmetric one. */
  @Column(text(64)) public_key: string;
  @Column(TIME) created_at: number;
}
