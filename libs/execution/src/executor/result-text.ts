import { isTooDeep } from '@ecron/domain';
import { RESULT_LIMIT_BYTES } from './executor.js';

/** Whether a text can be a result as it is: well-formed JSON that is not too deep. Its length is the caller's to see to. */
export function isJsonResult(text: string): boolean {
  try {
    return !isTooDeep(JSON.parse(text));
  } catch {
    return false;
  }
}

/** Half a character, where a cut went through one, is left out. */
const KEEP = {
  beginning: (text: string, length: number) => text.slice(0, length).replace(/[\uD800-\uDBFF]$/, ''),
  end: (text: string, length: number) => text.slice(-length).replace(/^[\uDC00-\uDFFF]/, ''),
};

/**
 * A text as a JSON string of at most 64 KB: all of it, or its beginning or end. Escapes can make a text up to six times
 * as long, so the cut is found by approach.
 */
export function fitResult(text: string, part: keyof typeof KEEP): string {
  let kept = text;
  for (;;) {
    const json = JSON.stringify(kept);
    const bytes = Buffer.byteLength(json);
    if (bytes <= RESULT_LIMIT_BYTES) return json;
    kept = KEEP[part](kept, Math.floor((kept.length * (RESULT_LIMIT_BYTES - 2)) / bytes));
  }
}
