import { type Actor, type EditAction, type Job, type JobType, type TenantScope } from '@ecron/domain';

export interface JobFilter {
  type?: JobType;
  /** Created at or before, epoch milliseconds. */
  createdUntil?: number;
  limit: number;
  offset: number;
}

export type EditResult =
  | { kind: 'edited'; jobs: Job[] }
  | { kind: 'name taken' }
  /** At least one id is unknown in the scope: nothing was changed. */
  | { kind: 'unknown' };

/** What an edit does to one job: the whole new definition. The store keeps version, slots and ledger right. */
export type JobChange = (current: Job) => Job;

/** Who edits, and what the edit is called on record. */
export type Editor = Actor & { action: EditAction };

/**
 * Jobs as rows. What changes a job is on record with its actor, in the same transaction. Every method sees only the scope's rows; another tenant's id is an unknown id.
 */
export abstract class JobStore {
  /**
   * Writes the job, its first version and its first slot time. A taken (tenant, name) writes nothing; neither does one
   * job more than its tenant may have (`too many`).
   */
  abstract insert(job: Job, by: Actor): Promise<'stored' | 'name taken' | 'too many'>;
  /** The known ones, in the order of `ids`, each once. */
  abstract findByIds(scope: TenantScope, ids: readonly string[]): Promise<Job[]>;
  /** Newest first, stable. */
  abstract list(scope: TenantScope, filter: JobFilter): Promise<Job[]>;
  /** Both bounds inclusive, on the creation time. */
  abstract count(scope: TenantScope, created: { from?: number; until?: number }): Promise<number>;
  /**
   * Changes all of `ids` or none, in one transaction by the rules of DESIGN §4 "Edits": slots already due are
   * settled under the old definition, never-started rows ahead are deleted, the next slot is set anew.
   * Concurrent edits of one job queue; `change` sees the row as locked. It may throw: nothing is changed then.
   */
  abstract edit(
    scope: TenantScope,
    ids: readonly string[],
    change: JobChange,
    by: Editor,
  ): Promise<EditResult>;
  /**
   * Deletes the known ones in one transaction: waiting and accepted executions end `interrupted: job deleted`,
   * running ones get a cancel mark. Returns the ids that were deleted.
   */
  abstract remove(scope: TenantScope, ids: readonly string[], by: Actor): Promise<string[]>;
}
