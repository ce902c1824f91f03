/**
 * A run is started, as a row, up to so many milliseconds before its slot, so that at its instant only the request is
 * left to send. More than the database takes for what one second usually brings; an edit of the job may wait this long.
 */
export const START_AHEAD_MS = 300;

/**
 * How far the clocks of two nodes may lie apart in coordination time: what one sends in time the other finds so much too
 * early. Far more than a round trip to the database.
 */
export const CLOCKS_APART_MS = 50;

const SECOND_MS = 1_000;

/**
 * How many milliseconds before its due time a row may be started. Only whole seconds are started ahead: on them lie
 * the slots that come in herds, and between two of them an edit finds a time at which nothing of its job is ahead.
 */
export function startAheadMs(dueAt: number): number {
  return dueAt % SECOND_MS === 0 ? START_AHEAD_MS : 0;
}
