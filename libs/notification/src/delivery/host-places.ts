/** How many deliveries are under way, in all and to each host. */
export class HostPlaces {
  private readonly taken = new Map<string, number>();
  private total = 0;

  constructor(
    private readonly most: number,
    private readonly mostPerHost: number,
  ) {}

  get isFull(): boolean {
    return this.total >= this.most;
  }

  /** How many more may go to the host now. */
  roomFor(host: string): number {
    return Math.min(this.most - this.total, this.mostPerHost - (this.taken.get(host) ?? 0));
  }

  take(host: string): void {
    this.total++;
    this.taken.set(host, (this.taken.get(host) ?? 0) + 1);
  }

  release(host: string): void {
    const left = (this.taken.get(host) ?? 0) - 1;
    this.total--;
    if (left > 0) this.taken.set(host, left);
    else this.taken.delete(host);
  }
}
