/**
 * Slots are written as rows this long before they are due, so that at their instant only the start is left to do.
 * Half a second more than a whole number: most slots lie on whole seconds, and claiming must not fall on them.
 */
export const HORIZON_MS = 5_500;
