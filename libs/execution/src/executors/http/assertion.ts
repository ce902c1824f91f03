import { isDeepStrictEqual } from 'node:util';
import {
  type ContextFault,
  type HttpAssertion,
  isTooDeep,
  type JsonPath,
  type JsonValue,
  parseJsonPath,
  readJsonPath,
} from '@ecron/domain';
import { RE2JS } from 're2js';
import { type Answer } from './exchange.js';
import { decodeText } from './result-text.js';

/** Characters of a value or an answer that an expression looks at. */
const MATCHED_CHARS = 16_384;
/**
 * Instructions of a compiled expression. RE2 takes time in proportion to these and the text, whatever the expression:
 * at both limits some tens of milliseconds, which nothing else of the process gets meanwhile.
 */
const MAX_INSTRUCTIONS = 250;

/** What a job wants its answers to say, ready to be looked for. */
export class Assertion {
  private constructor(
    private readonly path: { text: string; steps: JsonPath } | null,
    private readonly equals: JsonValue | undefined,
    private readonly expression: RE2JS | null,
  ) {}

  static compile({ json_path, equals, matches }: HttpAssertion): Assertion | ContextFault {
    const steps = json_path === undefined ? null : parseJsonPath(json_path);
    if (json_path !== undefined && steps === null) return faultAt('json_path', 'must be a path to one value');
    const expression = matches === undefined ? null : compileExpression(matches);
    if (typeof expression === 'string') return faultAt('matches', expression);
    const path = steps === null ? null : { text: json_path ?? '', steps };
    return new Assertion(path, equals, expression);
  }

  /** Why the answer is none that the job wants; null: it is one. */
  findFault(answer: Answer): string | null {
    if (this.path === null) return this.match(decodeText(answer.body), 'the answer');
    if (answer.body.truncated) return `the answer is too long for ${this.path.text} to be looked up`;
    const json = parseJson(decodeText(answer.body));
    if (json === undefined) return `the answer is no JSON, so there is no ${this.path.text}`;
    if (isTooDeep(json)) return `the answer is nested too deeply for ${this.path.text} to be looked up`;
    const value = readJsonPath(json, this.path.steps);
    return value === undefined ? `the answer has no ${this.path.text}` : this.judge(value, this.path.text);
  }

  private judge(value: JsonValue, name: string): string | null {
    if (this.equals !== undefined && !isDeepStrictEqual(value, this.equals)) {
      return `${name} is not what assert.equals says`;
    }
    return this.match(typeof value === 'string' ? value : JSON.stringify(value), name);
  }

  private match(text: string, name: string): string | null {
    if (this.expression === null || this.expression.test(text.slice(0, MATCHED_CHARS))) return null;
    return `${name} does not match assert.matches`;
  }
}

function faultAt(member: string, rule: string): ContextFault {
  return { path: `job_context.info.assert.${member}`, rule };
}

/** A text: why it cannot be used. */
function compileExpression(expression: string): RE2JS | string {
  try {
    const compiled = RE2JS.compile(expression);
    return compiled.programSize() <= MAX_INSTRUCTIONS ? compiled : 'is too large: use fewer repetitions';
  } catch {
    return 'must be a regular expression of RE2 (no look-around, no back-references)';
  }
}

function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}
