import { type Outcome } from '@ecron/domain';

type Failure = Extract<Outcome, { kind: 'failed' }>;

/** A failure that no further attempt can mend. @param error a short sentence for people */
export function refuse(reason: NonNullable<Failure['reason']>, error: string): Failure {
  return { kind: 'failed', retryable: false, reason, error, result: null };
}
