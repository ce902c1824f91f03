import { type JsonValue } from '@ecron/domain';

/** The value of a stored JSON text; what is no JSON is shown as the text it is. */
export function parseStored(text: string | null): JsonValue {
  if (text === null) return null;
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return text;
  }
}
