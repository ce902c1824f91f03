import { type HttpAssertion, type HttpInfo, type HttpTls, type SuccessCode } from './http-info.js';
import { type ContextFault, type JobContext } from './job.js';
import { parseJsonPath } from './json-path.js';
import { parseSuccessCode } from './success-codes.js';

const MAX_REDIRECTS = 20;
const MAX_CODES = 20;
/** Characters of a path or an expression. */
const MAX_PATTERN_LENGTH = 256;
const WITHOUT_BODY: readonly string[] = ['GET', 'DELETE', 'HEAD'];

/** What is wrong with the options of ours of an `http` or `https` job; null: nothing. Certificates are not read. */
export function findHttpOptionFault({ exec, info }: JobContext): ContextFault | null {
  return (
    checkRedirects(info.max_redirects) ??
    checkBodyText(info) ??
    checkCodes(info.success_codes) ??
    checkAssertion(info) ??
    checkTls(info.tls ?? {}, exec)
  );
}

function faultAt(member: string, rule: string): ContextFault {
  return { path: `job_context.info.${member}`, rule };
}

function checkRedirects(max: number | undefined): ContextFault | null {
  if (max === undefined || (Number.isInteger(max) && max >= 0 && max <= MAX_REDIRECTS)) return null;
  return faultAt('max_redirects', `must be a whole number from 0 to ${MAX_REDIRECTS}`);
}

function checkBodyText({ body_text, body, method }: JobContext['info']): ContextFault | null {
  if (body_text === undefined) return null;
  if (body !== null) return faultAt('body_text', 'must not be set together with body');
  if (!WITHOUT_BODY.includes(method.toUpperCase())) return null;
  return faultAt('body_text', `is not sent by ${method.toUpperCase()}`);
}

function checkCodes(codes: readonly SuccessCode[] | undefined): ContextFault | null {
  if (codes === undefined) return null;
  if (codes.length === 0 || codes.length > MAX_CODES) {
    return faultAt('success_codes', `must name 1 to ${MAX_CODES} codes`);
  }
  const wrong = codes.findIndex((code) => parseSuccessCode(code) === null);
  if (wrong < 0) return null;
  return faultAt(`success_codes[${wrong}]`, 'must be a status from 200 to 599 or a range such as "200-299"');
}

function checkAssertion({
  assert,
  method,
}: Pick<HttpInfo, 'assert'> & { method: string }): ContextFault | null {
  if (assert === undefined) return null;
  if (method.toUpperCase() === 'HEAD')
    return faultAt('assert', 'has nothing to look at: HEAD has no answer body');
  return checkMembers(assert) ?? checkPath(assert.json_path) ?? checkExpression(assert.matches);
}

function checkMembers({ json_path, equals, matches }: HttpAssertion): ContextFault | null {
  if (equals !== undefined && json_path === undefined)
    return faultAt('assert.equals', 'must come with json_path');
  if (json_path !== undefined || matches !== undefined) return null;
  return faultAt('assert', 'must have json_path, matches or both');
}

function checkPath(path: string | undefined): ContextFault | null {
  if (path === undefined || (path.length <= MAX_PATTERN_LENGTH && parseJsonPath(path) !== null)) return null;
  return faultAt(
    'assert.json_path',
    `must be a path to one value, such as $.items[0].state, of at most ${MAX_PATTERN_LENGTH} characters`,
  );
}

function checkExpression(expression: string | undefined): ContextFault | null {
  if (expression === undefined || (expression !== '' && expression.length <= MAX_PATTERN_LENGTH)) return null;
  return faultAt('assert.matches', `must have 1 to ${MAX_PATTERN_LENGTH} characters`);
}

function checkTls({ verify, ca, cert, key }: HttpTls, exec: string): ContextFault | null {
  const [first] = Object.entries({ ca, cert, key }).filter(([, value]) => value !== undefined);
  if (first === undefined) return null;
  if (/^http:/i.test(exec.trim())) return faultAt(`tls.${first[0]}`, 'is for https URLs only');
  if (ca !== undefined && verify === false) {
    return faultAt('tls.ca', 'has no effect where verify is false');
  }
  if (cert !== undefined && key === undefined) return faultAt('tls.cert', 'must come with key');
  return cert === undefined && key !== undefined ? faultAt('tls.key', 'must come with cert') : null;
}
