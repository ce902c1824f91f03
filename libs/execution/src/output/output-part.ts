import { type CapturedText, HEAD_LIMIT_BYTES, OutputCapture, TAIL_LIMIT_BYTES } from './output-capture.js';
import { type OutputKey, type OutputPiece } from './output.store.js';

/** One stream of one attempt, and how much of it has been written. */
export class OutputPart {
  private readonly capture = new OutputCapture();
  private writtenBytes = 0;
  private takenBytes = 0;
  private isHeadWritten = false;
  private isHeadTaken = false;
  /** Failed writes in a row. */
  tries = 0;
  /** Told when the last of it has been written, or given up. */
  onWritten: (() => void) | null = null;

  constructor(readonly key: OutputKey & { epoch: number }) {}

  write(chunk: Uint8Array): void {
    this.capture.write(chunk);
  }

  end(): void {
    this.capture.end();
  }

  get isDirty(): boolean {
    return this.capture.totalBytes > this.writtenBytes;
  }

  /** About what the next piece takes. */
  get sizeBytes(): number {
    return Math.min(this.capture.totalBytes, HEAD_LIMIT_BYTES + TAIL_LIMIT_BYTES);
  }

  snapshot(): CapturedText {
    return this.capture.snapshot();
  }

  /** What is to be written now; a head that is complete is written once. */
  take(updatedAt: number): OutputPiece {
    const { head, tail, totalBytes } = this.capture.snapshot();
    this.takenBytes = totalBytes;
    this.isHeadTaken = this.capture.hasWholeHead;
    return { ...this.key, head: this.isHeadWritten ? null : head, tail, totalBytes, updatedAt };
  }

  confirm(): void {
    this.writtenBytes = this.takenBytes;
    this.isHeadWritten = this.isHeadTaken;
    this.tries = 0;
  }
}
