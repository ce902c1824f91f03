import { Clock } from '@ecron/domain';

/** A clock that stands still until it is moved; epoch milliseconds. */
export class FakeClock extends Clock {
  constructor(private at: number) {
    super();
  }

  now(): number {
    return this.at;
  }

  pass(ms: number): void {
    this.at += ms;
  }

  /** Steps to an instant, back too. */
  set(at: number): void {
    this.at = at;
  }
}
