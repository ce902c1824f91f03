/**
 * Work that is asked for more often than it need run: one run at a time, and whatever rings during a run is
 * answered by one more. `onError` hears of a run that failed; the next ring tries again.
 */
export class Coalesced {
  private running: Promise<void> | null = null;
  private again = false;
  private stopped = false;

  constructor(
    private readonly work: () => Promise<void>,
    private readonly onError: (error: Error) => void | Promise<void>,
  ) {}

  /** Resolves when the work has been done once from its beginning after this call. */
  ring(): Promise<void> {
    if (this.stopped) return Promise.resolve();
    this.again = true;
    this.running ??= this.loop();
    return this.running;
  }

  /** Lets the run that is under way end; rings are ignored from now on. Idempotent. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.again = false;
    await this.running;
  }

  private async loop(): Promise<void> {
    while (this.again) {
      this.again = false;
      await this.work().catch((error: Error) => this.onError(error));
    }
    this.running = null;
  }
}
