import { type ContextFault, type JsonValue } from '@ecron/domain';

/** What is wrong with a value; null: nothing. A member that is null counts as left out. */
export type Rule = (value: JsonValue, path: string) => ContextFault | null;

/** An object of these members and no others. */
export function members(rules: Readonly<Record<string, Rule>>): Rule {
  return (value, path) => {
    if (!isObject(value)) return { path, rule: 'must be an object' };
    for (const [name, member] of Object.entries(value)) {
      if (member === null) continue;
      const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
      const at = `${path}.${name}`;
      const fault = rule === undefined ? { path: at, rule: 'is not allowed' } : rule(member, at);
      if (fault !== null) return fault;
    }
    return null;
  };
}

/** An object of any names, whose values all follow one rule. */
export function mapOf(rule: Rule, allowsName: (name: string) => boolean = () => true): Rule {
  return (value, path) => {
    if (!isObject(value)) return { path, rule: 'must be an object' };
    for (const [name, member] of Object.entries(value)) {
      const at = `${path}.${name}`;
      const fault = allowsName(name) ? rule(member, at) : { path: at, rule: 'is not allowed' };
      if (fault !== null) return fault;
    }
    return null;
  };
}

export function listOf(rule: Rule, max: number, min = 0): Rule {
  return (value, path) => {
    if (!Array.isArray(value) || value.length < min || value.length > max) {
      return { path, rule: `must be a list of ${min === max ? max : `${min} to ${max}`}` };
    }
    for (const [n, member] of value.entries()) {
      const fault = rule(member, `${path}.${n}`);
      if (fault !== null) return fault;
    }
    return null;
  };
}

/** Both, in this order. */
export function both(first: Rule, second: Rule): Rule {
  return (value, path) => first(value, path) ?? second(value, path);
}

function leaf(isRight: (value: JsonValue) => boolean, rule: string): Rule {
  return (value, path) => (isRight(value) ? null : { path, rule });
}

export const text = leaf((value) => typeof value === 'string', 'must be a text');
export const filledText = leaf((value) => typeof value === 'string' && value !== '', 'must be a text');
export const flag = leaf((value) => typeof value === 'boolean', 'must be true or false');
export const quantity = leaf(
  (value) => typeof value === 'number' || typeof value === 'string',
  'must be a number or a text',
);

export function exactly(wanted: string | number | boolean): Rule {
  return leaf((value) => value === wanted, `must be ${wanted}, or left out`);
}

export function oneOf(...wanted: string[]): Rule {
  return leaf(
    (value) => typeof value === 'string' && wanted.includes(value),
    `must be ${wanted.join(' or ')}`,
  );
}

export function integer(min: number, max: number): Rule {
  return leaf(
    (value) => Number.isInteger(value) && min <= Number(value) && Number(value) <= max,
    `must be a whole number from ${min} to ${max}`,
  );
}

export function isObject(value: JsonValue | undefined): value is { [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
