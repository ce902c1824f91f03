import { type HttpMethod, type JsonObject, type JsonValue } from '@ecron/domain';

const FORM_TYPE = /^\s*application\/x-www-form-urlencoded\s*(?:;|$)/i;
const WITHOUT_BODY: ReadonlySet<HttpMethod> = new Set<HttpMethod>(['GET', 'DELETE', 'HEAD']);

export function carriesBody(method: HttpMethod): boolean {
  return !WITHOUT_BODY.has(method);
}

/**
 * The body of a POST, PUT or PATCH: compact JSON (`null` when the job has none), or escaped `k=v` pairs
 * when the job says it sends a form.
 */
export function formatBody(body: JsonObject | null, contentType: string): string {
  return FORM_TYPE.test(contentType) ? formatForm(body ?? {}) : JSON.stringify(body);
}

function formatForm(body: JsonObject): string {
  const form = new URLSearchParams();
  for (const [key, value] of Object.entries(body)) form.append(key, formatFormValue(value));
  return form.toString();
}

function formatFormValue(value: JsonValue): string {
  if (value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
