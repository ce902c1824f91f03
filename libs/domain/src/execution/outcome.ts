/** How one attempt ended. A target's 500 is data here, not an exception. */
export type Outcome =
  | { kind: 'succeeded'; statusCode?: number; result: string | null }
  /** The target took the work; its callback will end the execution. */
  | { kind: 'accepted'; statusCode?: number; result: string | null }
  | {
      kind: 'failed';
      /** False: no further attempt can mend it (bad target, unsupported mode). */
      retryable: boolean;
      statusCode?: number;
      error: string;
      /** Why no attempt can mend it, where the closed list has a word for it. */
      reason?: 'unsupported mode' | 'bad target';
      /** What the target asked for by Retry-After. */
      retryAfterMs?: number;
      result: string | null;
    }
  | { kind: 'timedOut'; error: string }
  /** Aborted by us: cancelled, or the node shuts down. */
  | { kind: 'interrupted'; error: string };
