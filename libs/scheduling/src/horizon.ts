/**
 * Slots are written as rows this long before they are due, so that at their instant only the start is left to do.
 * Not a whole number of seconds: most slots lie on whole ones, and claiming must come after the ends of one herd and
 * before the starts of the next.
 */
export const HORIZON_MS = 5_300;
