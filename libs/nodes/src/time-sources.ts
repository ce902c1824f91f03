export interface TimeSources {
  /** The clock that nodes agree on, epoch milliseconds. May step either way. */
  wall(): number;
  /** Milliseconds from an arbitrary start; never steps. */
  monotonic(): number;
  /** How far this process's own wall clock is ahead of the one that nodes agree on; left out: they are the same. */
  skewMs?(): number;
}

/** One process alone agrees with itself. */
export const PROCESS_TIME: TimeSources = {
  wall: () => Date.now(),
  monotonic: () => performance.now(),
};
