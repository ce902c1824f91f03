import {
  type Actor,
  type Execution,
  type ExecutionState,
  type ScheduleFacts,
  type TenantScope,
} from '@ecron/domain';

/** What may become of a notice: it waits for its next try, is delivered, given up, or was called off with its webhook. */
export const DELIVERY_STATUSES = ['pending', 'delivered', 'failed', 'cancelled'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** One result to be told. The id is that of the execution, which ends once; it is the `webhook-id` of each try. */
export interface Delivery {
  deliveryId: string;
  jobId: string;
  tenantId: string;
  /** How the execution has ended. */
  state: ExecutionState;
  /** Counts the notices of a job, from 1. */
  sequence: number;
  status: DeliveryStatus;
  /** Tries since it was queued or replayed. */
  attempt: number;
  /** When the next try is due; null: there is none. */
  dueAt: number | null;
  createdAt: number;
  endedAt: number | null;
  /** Of the last answer; null where none came. */
  statusCode: number | null;
  error: string;
}

/** A delivery that this node has claimed, with all that sending it takes. */
export interface ClaimedDelivery extends Delivery {
  /** '': its webhook is gone. */
  url: string;
  /** Notices of its job that were dropped so far, because too many were undelivered. */
  superseded: number;
  /** Null: its row is not kept any more. */
  execution: Execution | null;
  /** The schedule that the execution went by; null: it belongs to no job. */
  facts: ScheduleFacts | null;
}

export interface ClaimRequest {
  host: string;
  limit: number;
  /** New for each claim; what is settled must bring it. */
  token: string;
  now: number;
  /** When somebody else may claim what has not been settled. */
  leaseUntil: number;
}

/** What came of one try. `gone`: the receiver wants no more of them. */
export type Verdict =
  | { kind: 'delivered' }
  | { kind: 'again'; dueAt: number }
  | { kind: 'given up' }
  | { kind: 'gone' }
  /** It was not sent after all; somebody may take it at once. */
  | { kind: 'given back' };

export interface Settlement {
  deliveryId: string;
  token: string;
  verdict: Verdict;
  statusCode: number | null;
  error: string;
}

export interface DeliveryFilter {
  jobId?: string;
  status?: DeliveryStatus;
  /** On the time at which it was queued, half open. */
  from?: number;
  to?: number;
  limit: number;
  /** The last item of the page before. */
  after?: { createdAt: number; deliveryId: string };
}

export type ReplayResult = 'queued' | 'unknown' | 'no webhook';

/** The outbox of result webhooks. Rows come into it in the transactions that end executions. */
export abstract class DeliveryStore {
  /** Hosts behind `after`, in their order, for which something is pending; due or not. */
  abstract pendingHosts(after: string, limit: number): Promise<string[]>;
  /** Claims what is due for one host, oldest due first. */
  abstract claim(request: ClaimRequest): Promise<ClaimedDelivery[]>;
  /**
   * Writes what came of tries. One whose claim is not its own any more changes nothing. A success after failures makes
   * the webhook's other pending deliveries due; `gone` disables the webhook and gives them up.
   */
  abstract settle(settlements: readonly Settlement[], now: number): Promise<void>;
  /** Newest first. */
  abstract list(scope: TenantScope, filter: DeliveryFilter): Promise<Delivery[]>;
  abstract find(scope: TenantScope, deliveryId: string): Promise<Delivery | null>;
  /** Makes it due, with all its tries before it, and puts that on record. Its webhook must be there and not disabled. */
  abstract replay(scope: TenantScope, deliveryId: string, now: number, by: Actor): Promise<ReplayResult>;
  /** Where results of this job are told, disabled or not, '' for nowhere; null: no such job. */
  abstract findWebhook(scope: TenantScope, jobId: string): Promise<{ url: string; tenantId: string } | null>;
  /** Deletes some of what ended before; resolves with how many. */
  abstract forget(endedBefore: number, limit: number): Promise<number>;
  /** Deletes webhooks of jobs and runs that are gone, when nothing of theirs is left to be told; some of them. */
  abstract forgetWebhooks(limit: number): Promise<number>;
  /** How many notices of one job may be undelivered, for everybody who uses the database. */
  abstract setPendingCap(cap: number): Promise<void>;
}
