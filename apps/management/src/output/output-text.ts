import { type OutputStream, type StoredOutput } from '@ecron/execution';

/** Text that follows on what was read before, but for bytes between that nobody has kept. */
export interface NewText {
  skippedBytes: number;
  text: string;
}

type Kept = Pick<StoredOutput, 'head' | 'tail' | 'totalBytes'>;

/** What is kept of a stream behind its first `seenBytes`, which end with a whole character. */
export function textBehind({ head, tail, totalBytes }: Kept, seenBytes: number): NewText[] {
  const [headBytes, tailBytes] = [Buffer.from(head), Buffer.from(tail)];
  const tailAt = totalBytes - tailBytes.length;
  const from = Math.max(seenBytes, headBytes.length);
  const inHead = headBytes.subarray(seenBytes).toString();
  const inTail = tailBytes.subarray(Math.max(0, from - tailAt)).toString();
  const pieces = [
    { skippedBytes: 0, text: inHead },
    { skippedBytes: Math.max(0, tailAt - from), text: inTail },
  ];
  return pieces.filter(({ text, skippedBytes }) => text !== '' || skippedBytes > 0);
}

/** One stream, or one after the other with their names between them, as text. */
export function showOutput(stored: readonly StoredOutput[], streams: readonly OutputStream[]): string {
  const shown = stored.filter(({ stream }) => streams.includes(stream));
  if (shown.length === 1) return shown.map(showStream).join('');
  return shown.map((one) => `==> ${one.stream} <==\n${withLineEnd(showStream(one))}`).join('');
}

const withLineEnd = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`);

function showStream(kept: Kept): string {
  return textBehind(kept, 0)
    .map(({ skippedBytes, text }) =>
      skippedBytes > 0 ? `\n[${skippedBytes} bytes are not kept]\n${text}` : text,
    )
    .join('');
}
