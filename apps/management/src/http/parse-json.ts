import { MAX_JSON_DEPTH } from '@ecron/domain';
import { refuse } from '@ecron/jobs';

/** The value of a JSON text. Refuses what is no JSON, nested without end, or meant for prototypes. */
export function parseJson(text: unknown): unknown {
  const value = parse(typeof text === 'string' ? text : '');
  checkShape(value);
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // The parser's own text would quote the body, which can hold secrets.
    throw refuse.request('The body is not valid JSON');
  }
}

// Level by level instead of recursive: the depth is the very thing that is not known yet.
function checkShape(root: unknown): void {
  let level = [root].filter(isObject);
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > MAX_JSON_DEPTH)
      throw refuse.request(`The body is nested deeper than ${MAX_JSON_DEPTH} levels`);
    if (level.some((value) => Object.hasOwn(value, '__proto__'))) {
      throw refuse.field('__proto__', 'is no name for a member');
    }
    level = level.flatMap((value) => Object.values(value) as unknown[]).filter(isObject);
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
