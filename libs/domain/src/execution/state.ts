/** Every state of an execution (DESIGN §4). `docs/state-machine.md` draws this table; a test keeps the two alike. */
export const EXECUTION_STATES = [
  'waiting',
  'running',
  'accepted',
  'succeeded',
  'failed',
  'abandoned',
  'interrupted',
  'skipped',
  'missed',
] as const;
export type ExecutionState = (typeof EXECUTION_STATES)[number];

/** Where each state may go, and by what. A state without a way out is final. */
export const EDGES: Record<ExecutionState, Partial<Record<ExecutionState, string>>> = {
  waiting: {
    running: 'started by a management node',
    succeeded: 'a callback during the backoff',
    failed: 'cannot run at all',
    abandoned: 'the total time-out passed in the backoff',
    interrupted: 'cancelled, or its job deleted or disabled',
    skipped: 'an earlier execution of the job has not ended (overlap)',
    missed: 'found later than its grace (misfire)',
  },
  running: {
    succeeded: 'the attempt succeeded, or its callback came',
    failed: 'an end that no retry can mend',
    abandoned: 'attempts exhausted',
    interrupted: 'cancelled, or its node lost',
    waiting: 'a retry, or its node lost or shut down (Kubernetes: to be re-attached)',
    accepted: 'the target took the work, its callback will end it',
  },
  accepted: {
    succeeded: 'the callback came',
    waiting: 'no callback in time: a failed attempt, retried',
    abandoned: 'no callback in time: attempts exhausted',
    interrupted: 'cancelled, or no word in time',
    failed: 'reported by the outsider who runs it',
  },
  succeeded: {},
  failed: {},
  abandoned: {},
  interrupted: {},
  skipped: {},
  missed: {},
};

export const FINAL_STATES = EXECUTION_STATES.filter((s) => Object.keys(EDGES[s]).length === 0);

export function isFinal(state: ExecutionState): boolean {
  return FINAL_STATES.includes(state);
}

/** The contract's five words. Skipped and missed have none: they never show where old clients look. */
export const JOB_STATUSES = ['success', 'executing', 'failure', 'interrupt', 'abandon'] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

const STATUS_OF: Record<ExecutionState, JobStatus | ''> = {
  waiting: 'executing',
  running: 'executing',
  accepted: 'executing',
  succeeded: 'success',
  failed: 'failure',
  abandoned: 'abandon',
  interrupted: 'interrupt',
  skipped: '',
  missed: '',
};

export function statusOf(state: ExecutionState): JobStatus | '' {
  return STATUS_OF[state];
}

/** The states behind one of the contract's words. */
export function statesOf(status: JobStatus): ExecutionState[] {
  return EXECUTION_STATES.filter((s) => STATUS_OF[s] === status);
}
