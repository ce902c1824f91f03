/** Collects what arrives, and tells when all that is waited for is there. */
export class Inbox {
  readonly numbers: number[] = [];
  private check: () => void = () => undefined;

  add(n: number): void {
    this.numbers.push(n);
    this.check();
  }

  /** All numbers so far, in ascending order: transports promise no order. */
  async untilHas(...expected: number[]): Promise<number[]> {
    await new Promise<void>((resolve) => {
      this.check = () => expected.every((n) => this.numbers.includes(n)) && resolve();
      this.check();
    });
    return [...this.numbers].sort((a, b) => a - b);
  }
}
