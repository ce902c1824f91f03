import { isTooDeep } from '@ecron/domain';
import { RESULT_LIMIT_BYTES } from '../../executor/executor.js';

const JSON_TYPE = /^\s*application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;

/** What was kept of an answer's body; `truncated` when there was more. */
export interface KeptBody {
  bytes: Buffer;
  truncated: boolean;
}

/**
 * The result as JSON text of at most 64 KB: the body itself where it is declared as JSON and is complete,
 * well-formed and not too deep, else its text (UTF-8) as a JSON string, cut at the end to fit. Null for an empty body.
 */
export function formatResult(body: KeptBody, contentType: string): string | null {
  if (body.bytes.length === 0) return null;
  const text = decodeText(body);
  if (!body.truncated && JSON_TYPE.test(contentType) && isJson(text)) return text.trim();
  return fitJsonString(text);
}

/** UTF-8; what is none shows as the sign for that. */
export function decodeText({ bytes, truncated }: KeptBody): string {
  // Streaming mode leaves out the character that the cut went through.
  if (truncated) return new TextDecoder().decode(bytes, { stream: true });
  const text = bytes.toString('utf8');
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

function isJson(text: string): boolean {
  try {
    return !isTooDeep(JSON.parse(text));
  } catch {
    return false;
  }
}

/** Escapes can make a text up to six times as long, so the cut is found by approach. */
function fitJsonString(text: string): string {
  let kept = text;
  for (;;) {
    const json = JSON.stringify(kept);
    const bytes = Buffer.byteLength(json);
    if (bytes <= RESULT_LIMIT_BYTES) return json;
    const length = Math.floor((kept.length * (RESULT_LIMIT_BYTES - 2)) / bytes);
    kept = kept.slice(0, length).replace(/[\uD800-\uDBFF]$/, '');
  }
}
