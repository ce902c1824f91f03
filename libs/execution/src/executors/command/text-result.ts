import { isTooDeep } from '@ecron/domain';
import { RESULT_LIMIT_BYTES } from '../../executor/executor.js';
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
  return isWhole && isStructure(text) ? text.trim() : fitEnd(text);
}

function isStructure(text: string): boolean {
  if (!/^\s*[[{]/.test(text) || Buffer.byteLength(text) > RESULT_LIMIT_BYTES) return false;
  try {
    return !isTooDeep(JSON.parse(text));
  } catch {
    return false;
  }
}

/** Escapes can make a text up to six times as long, so the cut is found by approach. */
function fitEnd(text: string): string {
  let kept = text;
  for (;;) {
    const json = JSON.stringify(kept);
    const bytes = Buffer.byteLength(json);
    if (bytes <= RESULT_LIMIT_BYTES) return json;
    const length = Math.floor((kept.length * (RESULT_LIMIT_BYTES - 2)) / bytes);
    kept = kept.slice(-length).replace(/^[\uDC00-\uDFFF]/, '');
  }
}
