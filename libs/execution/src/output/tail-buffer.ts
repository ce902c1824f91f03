/** The last bytes of a stream, in as many bytes of memory as it keeps at most. */
export class TailBuffer {
  private ring: Buffer | null = null;
  private length = 0;
  /** Where the next byte goes. */
  private at = 0;

  constructor(private readonly limit: number) {}

  write(bytes: Buffer): void {
    this.ring ??= Buffer.allocUnsafe(this.limit);
    const kept = bytes.subarray(Math.max(0, bytes.length - this.limit));
    const copied = kept.copy(this.ring, this.at);
    kept.copy(this.ring, 0, copied);
    this.at = (this.at + kept.length) % this.limit;
    this.length = Math.min(this.limit, this.length + kept.length);
  }

  /** A copy, oldest first. */
  bytes(): Buffer {
    if (this.ring === null) return Buffer.alloc(0);
    if (this.length < this.limit) return Buffer.from(this.ring.subarray(0, this.length));
    return Buffer.concat([this.ring.subarray(this.at), this.ring.subarray(0, this.at)]);
  }
}
