import { cutEnd, cutStart } from './character-cut.js';
import { TailBuffer } from './tail-buffer.js';

/** What is kept of each stream: so many bytes from its beginning, and as many from its end. */
export const HEAD_LIMIT_BYTES = 65_536;
export const TAIL_LIMIT_BYTES = 65_536;

/** What is kept of a stream. Sizes count UTF-8 bytes; where head and tail are less than the total, the rest is lost. */
export interface CapturedText {
  head: string;
  tail: string;
  totalBytes: number;
}

/**
 * Keeps the beginning and the end of a stream of any length as text, in at most 256 KB of memory. What is no UTF-8
 * becomes replacement characters, and no cut goes through a character.
 */
export class OutputCapture {
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  private readonly tail = new TailBuffer(TAIL_LIMIT_BYTES);
  private headText = '';
  private headBytes = 0;
  /** No more goes into the head. */
  private isHeadFull = false;
  private total = 0;

  write(chunk: Uint8Array): void {
    this.keep(this.decoder.decode(chunk, { stream: true }));
  }

  /** The stream has ended: half a character at its end is a broken one. */
  end(): void {
    this.keep(this.decoder.decode());
  }

  get totalBytes(): number {
    return this.total;
  }

  /** Whether its head will never change. */
  get hasWholeHead(): boolean {
    return this.isHeadFull;
  }

  snapshot(): CapturedText {
    return { head: this.headText, tail: this.tailText(), totalBytes: this.total };
  }

  private keep(text: string): void {
    if (text === '') return;
    const bytes = Buffer.from(text, 'utf8');
    this.total += bytes.length;
    const rest = this.isHeadFull ? bytes : bytes.subarray(this.fillHead(bytes));
    if (rest.length > 0) this.tail.write(rest);
  }

  private fillHead(bytes: Buffer): number {
    const taken = cutEnd(bytes, HEAD_LIMIT_BYTES - this.headBytes);
    this.headText += taken.toString('utf8');
    this.headBytes += taken.length;
    this.isHeadFull = taken.length < bytes.length;
    return taken.length;
  }

  private tailText(): string {
    return cutStart(this.tail.bytes(), 0).toString('utf8');
  }
}
