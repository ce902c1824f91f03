/**
 * The scopes that stand at a path into an answer, such as `ext.permissions`: words with blanks between them, or a list
 * of words. What is anything else counts as none.
 */
export function scopesAt(answer: Record<string, unknown>, path: string): string[] {
  const found = path.split('.').reduce<unknown>(memberOf, answer);
  if (typeof found === 'string') return found.split(' ').filter(Boolean);
  return Array.isArray(found) ? found.filter((one) => typeof one === 'string') : [];
}

function memberOf(value: unknown, name: string): unknown {
  const isOwn = typeof value === 'object' && value !== null && Object.hasOwn(value, name);
  return isOwn ? (value as Record<string, unknown>)[name] : undefined;
}
