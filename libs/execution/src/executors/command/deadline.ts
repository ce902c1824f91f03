import { type Outcome } from '@ecron/domain';

type EarlyEnd = Extract<Outcome, { kind: 'timedOut' | 'interrupted' }>;

/** What a Node timer can hold; a longer one would fire at once. */
const MAX_TIMER_MS = 2_147_483_647;

/** What ends a command from outside: its time or the caller's signal, whichever comes first. */
export class Deadline {
  /** Null as long as nothing has ended it. */
  end: EarlyEnd | null = null;
  private readonly timer: NodeJS.Timeout;
  private readonly onAbort = (): void =>
    this.come({ kind: 'interrupted', error: 'the attempt was interrupted' });

  /** @param onCome called once at most, never while this is being made */
  constructor(
    timeoutMs: number,
    private readonly signal: AbortSignal,
    private readonly onCome: () => void,
  ) {
    const error = `not ended within ${timeoutMs / 1000} s`;
    this.timer = setTimeout(() => this.come({ kind: 'timedOut', error }), Math.min(timeoutMs, MAX_TIMER_MS));
    signal.addEventListener('abort', this.onAbort);
  }

  /** Must be called when the command has ended. */
  release(): void {
    clearTimeout(this.timer);
    this.signal.removeEventListener('abort', this.onAbort);
  }

  private come(end: EarlyEnd): void {
    if (this.end !== null) return;
    this.end = end;
    this.onCome();
  }
}
