/** How much is being sent, in all and for each key: a host, or a tenant. */
export class Places {
  private readonly taken = new Map<string, number>();
  private total = 0;

  constructor(
    private readonly most: number,
    private readonly mostPerKey: number,
  ) {}

  get isFull(): boolean {
    return this.total >= this.most;
  }

  /** How many more may be sent for the key now. */
  roomFor(key: string): number {
    return Math.min(this.most - this.total, this.mostPerKey - (this.taken.get(key) ?? 0));
  }

  take(key: string): void {
    this.total++;
    this.taken.set(key, (this.taken.get(key) ?? 0) + 1);
  }

  release(key: string): void {
    const left = (this.taken.get(key) ?? 0) - 1;
    this.total--;
    if (left > 0) this.taken.set(key, left);
    else this.taken.delete(key);
  }
}
