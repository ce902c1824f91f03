/** The server did not answer in time; the transaction was not told to end, so it has changed nothing. */
export class NoAnswerError extends Error {}

/** All connections are at work for others: another try would only wait as long again. */
export class NoneFreeError extends NoAnswerError {}

/** The connection broke while the transaction was to end: it has been committed, or not. Only a read can tell. */
export class OutcomeUnknownError extends Error {
  constructor(cause: unknown) {
    super('the connection to the database broke during a commit, so its outcome is unknown', { cause });
  }
}

/** Deadlock, lock wait timeout, and MariaDB's "record has changed since last read". */
const CONTENTION = new Set([1213, 1205, 1020]);
/**
 * The server ends the connection: shutdown, network errors it saw, killed (MySQL, MariaDB), idle for too long. Or it has
 * become one that nothing can be written on (read only, not part of its cluster): a new connection may reach another.
 */
const DISCONNECTING = new Set([1053, 1158, 1159, 1160, 1161, 1927, 3169, 4031, 1290, 1836, 1047]);

/** Somebody else's locks were in the way: the same transaction, tried again, may go through. */
export const isContention = (error: unknown): boolean => CONTENTION.has(errnoOf(error));

/** The connection can be used no more. */
export const isConnectionLost = (error: unknown): boolean =>
  error instanceof NoAnswerError ||
  (error as { fatal?: unknown }).fatal === true ||
  DISCONNECTING.has(errnoOf(error));

const errnoOf = (error: unknown): number => Number((error as { errno?: unknown }).errno);
