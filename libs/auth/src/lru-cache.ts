/** A map of at most so many entries; a further one takes the place of the one that was not used for longest. */
export class LruCache<V> {
  private readonly entries = new Map<string, V>();

  constructor(private readonly capacity: number) {}

  get(key: string): V | undefined {
    const value = this.entries.get(key);
    if (value !== undefined) this.renew(key, value);
    return value;
  }

  set(key: string, value: V): void {
    this.renew(key, value);
    if (this.entries.size <= this.capacity) return;
    const [oldest] = this.entries.keys();
    if (oldest !== undefined) this.entries.delete(oldest);
  }

  delete(key: string): void {
    this.entries.delete(key);
  }

  private renew(key: string, value: V): void {
    this.entries.delete(key);
    this.entries.set(key, value);
  }
}
