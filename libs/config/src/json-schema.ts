import { KEYS, type KeyName } from './keys.js';
import { LEGACY_KEYS } from './legacy-keys.js';

type Schema = Readonly<Record<string, unknown>>;

/**
 * A JSON schema (draft 7) of a set of configuration keys, for tools that check one before a process reads it. What no
 * schema can say, such as a list inside a text, is left to the process; so are keys that ask for one another.
 */
export function configSchema(): Schema {
  const keys = Object.keys(KEYS).map((name) => [name, schemaOf(name as KeyName)]);
  const legacy = Object.entries(LEGACY_KEYS).map(([name, why]) => [
    name,
    { description: `No effect: ${why}.` },
  ]);
  return {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries([...keys, ...legacy]) as Schema,
  };
}

function schemaOf(name: KeyName): Schema {
  const { kind, doc, fallback } = KEYS[name];
  const value = kind.json ?? { type: 'string' };
  return {
    ...value,
    description: `${doc} Must be ${kind.rule}.`,
    ...(fallback !== null && { default: fallback }),
  };
}
