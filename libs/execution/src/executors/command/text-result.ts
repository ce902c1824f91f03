import { RESULT_LIMIT_BYTES } from '../../executor/executor.js';
import { fitResult, isJsonResult } from '../../executor/result-text.js';
import { type CapturedText } from '../../output/output-capture.js';

/**
 * What a command wrote to its standard output, as the result of the execution: JSON text of at most 64 KB. An object
 * or a list that is all of the output, and not too deep, is kept as it is; anything else is text, without the line break at its end, of
 * which the end is kept where it is too long. Null: nothing was written.
 */
export function formatOutput({ head, tail, totalBytes }: CapturedText): string | null {
  const kept = head + tail;
  const isWhole = Buffer.byteLength(kept) === totalBytes;
  const text = (isWhole ? kept : tail).replace(/\r?\n$/, '');
  if (text === '') return null;
  return isWhole && isStructure(text) ? text.trim() : fitResult(text, 'end');
}

function isStructure(text: string): boolean {
  return /^\s*[[{]/.test(text) && Buffer.byteLength(text) <= RESULT_LIMIT_BYTES && isJsonResult(text);
}
