/** How the process's connection to its broker stands. */
export abstract class BrokerState {
  /** Why nothing can be sent or received just now; null when all is well. */
  abstract fault(): string | null;
}
