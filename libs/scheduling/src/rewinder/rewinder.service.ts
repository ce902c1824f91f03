import { scheduleOf } from '@ecron/domain';
import { NodeClock } from '@ecron/nodes';
import { Injectable, Logger } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { Coalesced } from '../coalesced.js';
import { ClaimStore, type DueJob } from '../ports/claim.store.js';

const LOOK_MS = 1_000;
const JOBS_PER_PAGE = 200;

/**
 * After a confirmed step of the clock back, lets no job rest until the clock is where it had been. Any number of
 * nodes may do so at once.
 */
@Injectable()
export class Rewinder {
  private readonly logger = new Logger('Rewinder');
  private readonly looks = new Coalesced(
    () => this.lookOnce(),
    (error) => this.logger.error({ event: 'rewind.failed', msg: `failed, tried again: ${error.message}` }),
  );
  private answered = 0;

  constructor(
    private readonly store: ClaimStore,
    private readonly clock: NodeClock,
  ) {}

  @Interval(LOOK_MS)
  look(): Promise<void> {
    return this.looks.ring();
  }

  /** Idempotent. */
  stop(): Promise<void> {
    return this.looks.stop();
  }

  private async lookOnce(): Promise<void> {
    const { stepsBack } = this.clock;
    if (stepsBack === this.answered) return;
    for (let after: string | null = ''; after !== null;) after = await this.rewindPage(after);
    this.answered = stepsBack;
    this.logger.warn({
      event: 'rewind.done',
      msg: 'the clock has gone back: next slots have been set by it',
    });
  }

  private rewindPage(after: string): Promise<string | null> {
    const now = this.clock.now();
    return this.store.rewind({ now, after, limit: JOBS_PER_PAGE, next: nextSlot });
  }
}

function nextSlot(job: DueJob, after: number): number | null {
  try {
    return scheduleOf(job).next(after);
  } catch {
    // It stays as it is: a schedule that cannot be read stops its job when it is claimed.
    return null;
  }
}
