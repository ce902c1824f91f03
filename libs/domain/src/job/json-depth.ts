/** Levels of arrays and objects within each other: deeper than any of ours, shallow enough for every walk over it. */
export const MAX_JSON_DEPTH = 200;

/**
 * Whether the value has more than {@link MAX_JSON_DEPTH} levels. JSON.parse takes any number of them, while writing
 * such a value again overflows the stack.
 */
export function isTooDeep(root: unknown): boolean {
  // Level by level instead of recursive: the depth is the very thing that is not known yet.
  let level = [root].filter(isNested);
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth === MAX_JSON_DEPTH) return true;
    level = level.flatMap((value) => Object.values(value) as unknown[]).filter(isNested);
  }
  return false;
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
