import { type Readable } from 'node:stream';

/** A command that writes without end may not keep this process busy: so much of each of its streams is read. */
const BYTES_PER_WINDOW = 2_097_152;
const WINDOW_MS = 100;

/** Gives a stream to `take` as it comes, at most 20 MB a second: whoever writes faster has to wait. */
export function drain(stream: Readable, take: (chunk: Buffer) => void): void {
  let windowBegin = performance.now();
  let spent = 0;
  stream.on('data', (chunk: Buffer) => {
    take(chunk);
    const passedMs = performance.now() - windowBegin;
    if (passedMs >= WINDOW_MS) [windowBegin, spent] = [performance.now(), 0];
    spent += chunk.length;
    if (spent < BYTES_PER_WINDOW) return;
    stream.pause();
    setTimeout(() => stream.resume(), WINDOW_MS - Math.min(passedMs, WINDOW_MS));
  });
  // What was read before the stream broke is kept.
  stream.on('error', () => undefined);
}
