import { type JsonValue } from './json-value.js';

/** The way to one value: names of members and places in lists; a negative place counts from the end. */
export type JsonPath = readonly (string | number)[];

const MEMBER = String.raw`\.([A-Za-z_\u0080-\u{10ffff}][\w\u0080-\u{10ffff}]*)`;
const ESCAPE = String.raw`\\(?:[bfnrt/\\'"]|u[0-9A-Fa-f]{4})`;
const NAME = `'((?:[^'\\\\]|${ESCAPE})*)'|"((?:[^"\\\\]|${ESCAPE})*)"`;
const SEGMENT = new RegExp(String.raw`${MEMBER}|\[\s*(?:(0|-?[1-9]\d{0,8})|${NAME})\s*\]`, 'uy');
const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/**
 * Reads a singular query of RFC 9535 (`$.a[0]['b c'][-1]`): names and places only, so it costs its own length and
 * leads to one value at most. Null: it is none.
 */
export function parseJsonPath(text: string): JsonPath | null {
  if (!text.startsWith('$')) return null;
  const steps: (string | number)[] = [];
  for (let at = 1; at < text.length;) {
    SEGMENT.lastIndex = at;
    const found = SEGMENT.exec(text);
    if (found === null) return null;
    steps.push(stepOf(found));
    at = SEGMENT.lastIndex;
  }
  return steps;
}

function stepOf([, member, place, single, double]: RegExpExecArray): string | number {
  if (place !== undefined) return Number(place);
  return member ?? unescapeName(single ?? double ?? '');
}

function unescapeName(quoted: string): string {
  return quoted.replace(/\\(?:u([0-9a-f]{4})|(.))/gisu, (_, code: string | undefined, sign: string) =>
    code === undefined ? (ESCAPES[sign] ?? sign) : String.fromCharCode(parseInt(code, 16)),
  );
}

/** Undefined: there is no such value. */
export function readJsonPath(value: JsonValue, path: JsonPath): JsonValue | undefined {
  return path.reduce<JsonValue | undefined>(stepInto, value);
}

function stepInto(value: JsonValue | undefined, step: string | number): JsonValue | undefined {
  if (Array.isArray(value)) return typeof step === 'number' ? value.at(step) : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  return typeof step === 'string' && Object.hasOwn(value, step) ? value[step] : undefined;
}
