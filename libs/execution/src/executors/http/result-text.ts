import { fitResult, isJsonResult } from '../../executor/result-text.js';

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
  if (!body.truncated && JSON_TYPE.test(contentType) && isJsonResult(text)) return text.trim();
  return fitResult(text, 'beginning');
}

/** UTF-8; what is none shows as the sign for that. */
export function decodeText({ bytes, truncated }: KeptBody): string {
  // Streaming mode leaves out the character that the cut went through.
  if (truncated) return new TextDecoder().decode(bytes, { stream: true });
  const text = bytes.toString('utf8');
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}
