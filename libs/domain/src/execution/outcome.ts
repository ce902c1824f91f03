/** What is kept of the head of an HTTP answer, by lower-case name; at most some 2 KB. */
export type ResponseHeaders = Record<string, string>;

/** How one attempt ended. A target's 500 is data here, not an exception. */
export type Outcome =
  | {
      kind: 'succeeded';
      statusCode?: number;
      exitCode?: number;
      headers?: ResponseHeaders;
      result: string | null;
    }
  /** The target took the work; its callback will end the execution. */
  | { kind: 'accepted'; statusCode?: number; headers?: ResponseHeaders; result: string | null }
  | {
      kind: 'failed';
      /** False: no further attempt can mend it (bad target, unsupported mode). */
      retryable: boolean;
      statusCode?: number;
      /** What the program of a command ended with. */
      exitCode?: number;
      error: string;
      /** Why no attempt can mend it, where the closed list has a word for it. */
      reason?: 'unsupported mode' | 'bad target';
      /** What the target asked for by Retry-After. */
      retryAfterMs?: number;
      /** Nothing speaks for a pause: the next attempt follows at once. */
      retriesAtOnce?: boolean;
      headers?: ResponseHeaders;
      result: string | null;
    }
  | { kind: 'timedOut'; error: string }
  /** Aborted by us: cancelled, or the node shuts down. */
  | { kind: 'interrupted'; error: string };
