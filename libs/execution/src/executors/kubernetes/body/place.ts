import { type ContextFault, type JobContext, type JsonValue } from '@ecron/domain';

/** What `info.kubernetes` says: through which proxy, if any, and which image. */
export interface ClusterPlace {
  /** `http://host:port` of a proxy; null: the deployment's own cluster. */
  proxyOrigin: string | null;
  /** '' where the body brings its own. */
  image: string;
}

const PATH = 'job_context.info.kubernetes';

/** Members that are not known are left alone: they never meant anything. */
export function readPlace({ info }: JobContext): ClusterPlace | ContextFault {
  const { addr, port, image } = info.kubernetes ?? {};
  if (!isTextOrNothing(addr)) return { path: `${PATH}.addr`, rule: 'must be a text' };
  if (!isTextOrNothing(image)) return { path: `${PATH}.image`, rule: 'must be a text' };
  const proxyOrigin = originOf(addr ?? '', port);
  if (proxyOrigin === undefined) return { path: `${PATH}.port`, rule: 'must be a port, beside addr' };
  return { proxyOrigin, image: (image ?? '').trim() };
}

const isTextOrNothing = (value: JsonValue | undefined): value is string | null | undefined =>
  value === undefined || value === null || typeof value === 'string';

/** Undefined: the two make no address. */
function originOf(addr: string, port: JsonValue | undefined): string | null | undefined {
  const host = addr.trim();
  if (host === '') return null;
  const digits = typeof port === 'number' || typeof port === 'string' ? String(port).trim() : '';
  const bracketed = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  const text = `http://${bracketed}:${digits}`;
  const isPort = /^\d{1,5}$/.test(digits) && Number(digits) >= 1 && Number(digits) <= 65_535;
  if (!isPort || /[/?#@\\\s]/.test(host) || !URL.canParse(text)) return undefined;
  return new URL(text).origin;
}
