import { type JobContext, type JsonObject, validateHttpContext } from '@ecron/domain';
import { MAX_CONTEXT_BYTES } from '@ecron/jobs';

/** Whether a message brings a context of its own, and not only the execute id of a stored run. */
export function bringsContext(raw: unknown): boolean {
  return isObject(raw) && [raw['mode'], raw['exec']].some((word) => word !== undefined && word !== '');
}

/**
 * The context of a message from the queue, which may come from anyone: HTTP only, of the shape and size that the
 * API takes. Null: it cannot be run.
 */
export function readQueuedContext(raw: unknown): JobContext | null {
  if (!isObject(raw) || Buffer.byteLength(JSON.stringify(raw)) > MAX_CONTEXT_BYTES) return null;
  const info = readInfo(raw['info'] ?? {});
  const { mode, exec } = raw;
  if (info === null || typeof exec !== 'string' || (mode !== 'http' && mode !== 'https')) return null;
  const context = {
    mode,
    exec,
    info,
    notify: { webhook: '' },
    begin_at: '',
    end_at: '',
    execute_id: '',
  } as const;
  return validateHttpContext(context) === null ? context : null;
}

function readInfo(raw: unknown): JobContext['info'] | null {
  if (!isObject(raw)) return null;
  const { method = '', params = null, headers = null, body = null, kubernetes = null } = raw;
  const isRight =
    typeof method === 'string' &&
    isTextMap(params) &&
    isTextMap(headers) &&
    (body === null || isObject(body)) &&
    kubernetes === null;
  return isRight ? { method, params, headers, body: body as JsonObject | null, kubernetes } : null;
}

function isTextMap(raw: unknown): raw is Record<string, string> | null {
  return raw === null || (isObject(raw) && Object.values(raw).every((value) => typeof value === 'string'));
}

function isObject(raw: unknown): raw is Record<string, unknown> {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw);
}
