import { secretsOf } from '../secret/context-secrets.js';
import { type JobContext } from './job.js';
import { type JsonObject } from './json-value.js';

/** What stands for a secret wherever a context is shown. Sent back in an edit, it keeps the secret that is stored. */
export const SECRET_MASK = '********';

/** What stands for a body that is a secret. */
export const MASKED_BODY: JsonObject = { secret: SECRET_MASK };

export function isMaskedBody(body: JsonObject | null | undefined): boolean {
  return body?.['secret'] === SECRET_MASK && Object.keys(body).length === 1;
}

/** The context as anyone but its executor may see it. */
export function maskContext<T extends Pick<JobContext, 'info'>>(context: T): T {
  const fields = new Set(secretsOf(context).map(({ field }) => field));
  if (fields.size === 0) return context;
  const { headers, body_text, tls, body } = context.info;
  const info = {
    ...context.info,
    headers: headers && maskHeaders(headers, fields),
    ...(body_text !== undefined && fields.has('body_text') && { body_text: SECRET_MASK }),
    ...(fields.has('tls.key') && { tls: { ...tls, key: SECRET_MASK } }),
    body: fields.has('body') ? MASKED_BODY : body,
  };
  return { ...context, info };
}

function maskHeaders(headers: Record<string, string>, fields: ReadonlySet<string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      fields.has(`header:${name.toLowerCase()}`) ? SECRET_MASK : value,
    ]),
  );
}
