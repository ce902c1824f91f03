import {
  headerField,
  isMaskedBody,
  isSealed,
  isSecretHeader,
  type JobContext,
  type JsonObject,
  SECRET_MASK,
} from '@ecron/domain';
import { refuse } from '../errors.js';
import { type InfoInput } from '../job/job-input.js';
import { type StoredSecrets } from './seal-secrets.js';

type Info = JobContext['info'];
type SecretInfo = Pick<Info, 'headers' | 'body' | 'body_text' | 'secret_headers' | 'secret_body'>;

/** What is stored of the job that an edit replaces; null: a new one. */
export interface StoredInfo {
  info: Info;
  secrets: StoredSecrets;
  /** The edit leads to another scheme, host or port: no secret goes along. */
  isElsewhere: boolean;
}

/**
 * Headers and bodies as they are meant, and which of them are secrets. A mask that is sent back keeps the secret that is
 * stored, and its mark with it, so that a client that knows nothing of marks changes nothing. Marks that are left out
 * are kept.
 */
export function keepSecrets(info: InfoInput, stored: StoredInfo | null): SecretInfo {
  const headers = info.headers ?? null;
  const marked = info.secret_headers ?? stored?.info.secret_headers ?? [];
  const secretHeaders = headersToMark(headers, marked, stored);
  if (info.secret_headers) refuseNameless(info.secret_headers, headers);
  const isBodySecret = info.secret_body ?? stored?.info.secret_body ?? false;
  const bodies = keepBodies(info, isBodySecret, stored);
  return {
    headers: headers && keepHeaders(headers, secretHeaders, stored),
    ...bodies,
    ...(secretHeaders.length > 0 && { secret_headers: secretHeaders }),
  };
}

function headersToMark(
  headers: Record<string, string> | null,
  marked: readonly string[],
  stored: StoredInfo | null,
): string[] {
  const isKept = ([name, value]: [string, string]): boolean =>
    value === SECRET_MASK && stored?.secrets.has(headerField(name)) === true;
  return Object.entries(headers ?? {})
    .filter((header) => isSecretHeader({ secret_headers: [...marked] }, header[0]) || isKept(header))
    .map(([name]) => name);
}

function refuseNameless(names: readonly string[], headers: Record<string, string> | null): void {
  const present = { secret_headers: Object.keys(headers ?? {}) };
  const at = names.findIndex((name) => !isSecretHeader(present, name));
  if (at >= 0)
    throw refuse.field(`job_context.info.secret_headers[${at}]`, 'must be the name of one of info.headers');
}

function keepHeaders(
  headers: Record<string, string>,
  secret: readonly string[],
  stored: StoredInfo | null,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      secret.includes(name) ? keepText(`headers.${name}`, headerField(name), value, stored) : value,
    ]),
  );
}

function keepBodies(
  { body, body_text }: InfoInput,
  isMarked: boolean,
  stored: StoredInfo | null,
): Pick<SecretInfo, 'body' | 'body_text' | 'secret_body'> {
  const keepsBody = isMaskedBody(body) && (isMarked || stored?.secrets.has('body') === true);
  const keepsText = body_text === SECRET_MASK && (isMarked || stored?.secrets.has('body_text') === true);
  const isSecret = (isMarked || keepsBody || keepsText) && (Boolean(body) || typeof body_text === 'string');
  const text = keepsText ? keepText('body_text', 'body_text', SECRET_MASK, stored) : body_text;
  if (isSecret && typeof text === 'string') refuseSealed('body_text', text);
  if (isSecret && body && typeof body['sealed'] === 'string') refuseSealed('body', body['sealed']);
  return {
    body: keepsBody
      ? (JSON.parse(keepText('body', 'body', SECRET_MASK, stored)) as JsonObject)
      : (body ?? null),
    ...(typeof text === 'string' && { body_text: text }),
    ...(isSecret && { secret_body: true }),
  };
}

/** What a secret is meant to be. `path` as in the API, within `info`. */
export function keepText(path: string, field: string, sent: string, stored: StoredInfo | null): string {
  if (sent !== SECRET_MASK) return refuseSealed(path, sent);
  const known = stored?.secrets.get(field);
  if (known === undefined)
    throw refuse.field(`job_context.info.${path}`, 'must be the secret: none is stored that this could keep');
  if (stored?.isElsewhere === true)
    throw refuse.field(
      `job_context.info.${path}`,
      'must be sent again: scheme, host or port of job_context.exec changes',
    );
  if (known.plain !== null) return known.plain;
  throw refuse.field(
    `job_context.info.${path}`,
    'must be sent again: what is stored cannot be opened, its key is not configured',
  );
}

/** A text that looks sealed would be taken for one of ours. */
function refuseSealed(path: string, text: string): string {
  if (isSealed(text)) throw refuse.field(`job_context.info.${path}`, 'must not look like a sealed secret');
  return text;
}

/** Whether two `exec` differ in scheme, host or port; what is no URL, as a command, has none. */
export const isElsewhere = (before: string, after: string): boolean => targetOf(before) !== targetOf(after);

function targetOf(exec: string): string {
  const { protocol, host } = URL.canParse(exec) ? new URL(exec) : { protocol: '', host: '' };
  return `${protocol}//${host}`;
}
