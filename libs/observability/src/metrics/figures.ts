/** What is read from whole tables; each node of a deployment reads the same. */
export interface TableFigures {
  /** Executions that are due and have not started. Those that wait for another run of their job, or under a cap, are not due. */
  queueDepth: number;
  /** For how long the first of them has been due, in seconds; 0: none is. */
  oldestDueS: number;
  /** Notices for webhooks that are neither delivered nor given up. */
  outboxPending: number;
  /** Executions that their targets have accepted. */
  callbacksAwaited: number;
  /** Live nodes by role. */
  nodes: Readonly<Record<string, number>>;
}

/** A place that has room for so many at a time. */
export interface PoolFigures {
  pool: string;
  size: number;
  busy: number;
  /** Who stands in line; left out where nobody does. */
  waiting?: number;
}
