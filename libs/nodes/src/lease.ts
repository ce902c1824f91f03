/** A node whose heartbeat is older than this may be declared dead; what it ran is then for others. */
export const LEASE_MS = 15_000;
/** Rows that an analysis node holds are its own for this long after each heartbeat. */
export const HOLD_MS = 2_000;
/** A management node that has not been heard for this long starts nothing more. */
export const FENCE_AFTER_MS = LEASE_MS / 2;
/** And by now it ends what others would try again, well before they may. */
export const CUT_AFTER_MS = 12_000;
