import { isTooDeep, type JsonValue } from '@ecron/domain';

/** The value of a stored JSON text; what is no JSON, or too deep to be written again, is shown as the text it is. */
export function parseStored(text: string | null): JsonValue {
  if (text === null) return null;
  try {
    const value = JSON.parse(text) as JsonValue;
    return isTooDeep(value) ? text : value;
  } catch {
    return text;
  }
}
