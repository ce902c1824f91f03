/** First in, first out. At the bound the oldest item makes room. */
export class BoundedQueue<T> {
  private items: T[] = [];
  private head = 0;

  constructor(private readonly bound: number) {}

  get size(): number {
    return this.items.length - this.head;
  }

  /** Answers how many items had to go: 0 or 1. */
  push(item: T): number {
    this.items.push(item);
    if (this.size <= this.bound) return 0;
    this.shift();
    return 1;
  }

  shift(): T | undefined {
    if (this.size === 0) return undefined;
    const item = this.items[this.head++];
    // Array.shift moves every item; cutting off what is spent only now and then costs nothing.
    if (this.head >= 1024 && this.head * 2 >= this.items.length) {
      this.items = this.items.slice(this.head);
      this.head = 0;
    }
    return item;
  }
}
