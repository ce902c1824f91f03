import { type JobContext } from '../job/job.js';
import { isJsonObject, type JsonObject } from '../job/json-value.js';
import { isSealed, type Sealer } from './sealer.js';

/** One secret of a context as it is stored or sent: a body as JSON text. */
export interface ContextSecret {
  /** What a sealed text is bound to, beside its tenant. */
  field: string;
  /** As in the API. */
  path: string;
  text: string;
}

/** The one member of a body that is sealed. */
const SEALED_BODY = 'sealed';

/** Whether a header's value is a secret: the job says so, whatever case it spells the name in. */
export function isSecretHeader({ secret_headers }: Pick<JobContext['info'], 'secret_headers'>, name: string) {
  return secret_headers?.some((marked) => marked.toLowerCase() === name.toLowerCase()) === true;
}

/** All that a context must not show. */
export function secretsOf({ info }: Pick<JobContext, 'info'>): ContextSecret[] {
  const at = (field: string, path: string, text: string): ContextSecret => ({
    field,
    path: `job_context.info.${path}`,
    text,
  });
  const headers = Object.entries(info.headers ?? {}).filter(([name]) => isSecretHeader(info, name));
  const { secret_body, body, body_text, tls } = info;
  return [
    ...headers.map(([name, value]) => at(headerField(name), `headers.${name}`, value)),
    ...(secret_body === true && body !== null ? [at('body', 'body', bodyText(body))] : []),
    ...(secret_body === true && body_text !== undefined ? [at('body_text', 'body_text', body_text)] : []),
    ...(tls?.key === undefined ? [] : [at('tls.key', 'tls.key', tls.key)]),
  ];
}

export const headerField = (name: string): string => `header:${name.toLowerCase()}`;

/** The context with each secret replaced; the same object where it has none. */
export function mapSecrets<T extends Pick<JobContext, 'info'>>(
  context: T,
  change: (secret: ContextSecret) => string,
): T {
  const secrets = secretsOf(context);
  if (secrets.length === 0) return context;
  const texts = new Map(secrets.map((secret) => [secret.field, change(secret)]));
  return { ...context, info: withTexts(context.info, texts) };
}

function withTexts(info: JobContext['info'], texts: ReadonlyMap<string, string>): JobContext['info'] {
  const body = texts.get('body');
  const bodyTextOfOwn = texts.get('body_text');
  const key = texts.get('tls.key');
  return {
    ...info,
    headers: info.headers && withHeaders(info.headers, texts),
    ...(body !== undefined && { body: toBody(body) }),
    ...(bodyTextOfOwn !== undefined && { body_text: bodyTextOfOwn }),
    ...(key !== undefined && { tls: { ...info.tls, key } }),
  };
}

function withHeaders(
  headers: Record<string, string>,
  texts: ReadonlyMap<string, string>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, texts.get(headerField(name)) ?? value]),
  );
}

function bodyText(body: JsonObject): string {
  const sealed = body[SEALED_BODY];
  return typeof sealed === 'string' && isSealed(sealed) ? sealed : JSON.stringify(body);
}

function toBody(text: string): JsonObject {
  if (isSealed(text)) return { [SEALED_BODY]: text };
  const body: unknown = JSON.parse(text);
  return isJsonObject(body) ? body : {};
}

/** The context as its executor needs it. @throws UnopenableSecretError */
export function openSecrets<T extends Pick<JobContext, 'info'>>(
  context: T,
  tenantId: string,
  sealer: Pick<Sealer, 'open'>,
): T {
  return mapSecrets(context, ({ field, text }) => sealer.open(text, { tenantId, field }));
}
