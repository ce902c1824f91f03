/** Those who wait for the same thing. */
export class Waiters {
  private readonly resolves = new Set<() => void>();

  /** Resolves at the next `wake`, or after `timeoutMs`; without that, only then. */
  wait(timeoutMs?: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = timeoutMs === undefined ? undefined : setTimeout(() => done(), timeoutMs);
      const done = () => {
        clearTimeout(timer);
        this.resolves.delete(done);
        resolve();
      };
      this.resolves.add(done);
    });
  }

  wake(): void {
    for (const done of [...this.resolves]) done();
  }
}
