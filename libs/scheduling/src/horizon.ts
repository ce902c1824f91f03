/** Slots are written as rows this long before they are due, so that at their instant only the start is left to do. */
export const HORIZON_MS = 5_000;
