import { type ResponseHeaders } from '@ecron/domain';
import { type Answer } from './exchange.js';

/** UTF-8 bytes of names and values: an execution keeps one head for each of its attempts. */
const MAX_HEAD_BYTES = 2_048;
/** Cookies let whoever holds them in; the others speak of the connection. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'set-cookie',
  'set-cookie2',
  'connection',
  'keep-alive',
  'transfer-encoding',
]);

/** The headers of an answer in their order, those that fit; undefined for none. */
export function keepHead({ headers }: Answer): ResponseHeaders | undefined {
  const kept: ResponseHeaders = {};
  let room = MAX_HEAD_BYTES;
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || LEFT_OUT.has(name)) continue;
    const text = Array.isArray(value) ? value.join(', ') : value;
    room -= Buffer.byteLength(name) + Buffer.byteLength(text);
    if (room < 0) break;
    kept[name] = text;
  }
  return Object.keys(kept).length === 0 ? undefined : kept;
}
