import { type Outcome } from '@ecron/domain';

type EarlyEnd = Extract<Outcome, { kind: 'timedOut' | 'interrupted' }>;

// What a Node timer can hold; a longer one would fire at once.
const MAX_TIMER_MS = 2_147_483_647;

/**
 * What ends an attempt from outside: its own time or the caller's signal, whichever comes first. One timer
 * and one listener for the whole attempt (AbortSignal.any and .timeout cost several times as much).
 */
export class Cut {
  /** Null as long as nothing has ended the attempt. */
  end: EarlyEnd | null = null;
  private stopExchange: (() => void) | null = null;
  private readonly timer: NodeJS.Timeout;

  constructor(
    timeoutMs: number,
    private readonly signal: AbortSignal,
  ) {
    this.timer = setTimeout(() => this.timeOut(timeoutMs), Math.min(timeoutMs, MAX_TIMER_MS));
    if (signal.aborted) this.handleEvent();
    else signal.addEventListener('abort', this);
  }

  /** The exchange to stop from now on; at once when the end has come already. */
  guard(stopExchange: () => void): void {
    this.stopExchange = stopExchange;
    if (this.end) stopExchange();
  }

  /** Must be called when the attempt has ended, however it did. */
  release(): void {
    clearTimeout(this.timer);
    this.signal.removeEventListener('abort', this);
    this.stopExchange = null;
  }

  /** The caller's signal aborted. */
  handleEvent(): void {
    const reason = this.signal.reason as unknown;
    this.close({
      kind: 'interrupted',
      error: typeof reason === 'string' ? reason : 'the attempt was interrupted',
    });
  }

  private timeOut(timeoutMs: number): void {
    this.close({ kind: 'timedOut', error: `no complete answer within ${timeoutMs / 1000} s` });
  }

  private close(end: EarlyEnd): void {
    if (this.end) return;
    this.end = end;
    this.stopExchange?.();
  }
}
