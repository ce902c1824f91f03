import { findHttpOptionFault } from './http-context-options.js';
import { type ContextFault, type JobContext, type JobMode } from './job.js';

/** The methods of HTTP mode; any case of letters is accepted, left out or empty is POST. */
export const HTTP_METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD'] as const;
export type HttpMethod = (typeof HTTP_METHODS)[number];

/** Whether jobs of the mode call a URL; either mode takes either scheme. */
export const isHttpMode = (mode: JobMode): boolean => mode === 'http' || mode === 'https';

const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i;
// Control characters would end the header or the request; what is beyond ASCII is sent as UTF-8.
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/;
const FRAMING = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'te',
  'trailer',
  'upgrade',
  'expect',
]);

/** Headers that frame the message or belong to one connection: the sender's own, never a job's. */
export function isFramingHeader(name: string): boolean {
  const lower = name.toLowerCase();
  return FRAMING.has(lower) || lower.startsWith('proxy-');
}

/** The method a run uses. Words that only adopted jobs can hold mean POST, as they always did. */
export function httpMethodOf(method: string): HttpMethod {
  return HTTP_METHODS.find((known) => known === method.toUpperCase()) ?? 'POST';
}

/**
 * Checks what an `http` or `https` job asks for, when it is saved; null: nothing to object to, else the
 * first fault. Either mode takes either scheme. Values never show in a rule: they can hold secrets.
 */
export function validateHttpContext(context: JobContext): ContextFault | null {
  const { exec, info } = context;
  return (
    checkUrl(exec) ??
    checkMethod(info.method) ??
    checkHeaders(info.headers ?? {}) ??
    findHttpOptionFault(context)
  );
}

function checkUrl(exec: string): ContextFault | null {
  const path = 'job_context.exec';
  if (exec.trim() === '') return { path, rule: 'must not be empty' };
  if (!URL.canParse(exec)) return { path, rule: 'must be a URL' };
  const { protocol } = new URL(exec);
  if (protocol !== 'http:' && protocol !== 'https:') return { path, rule: 'must be an http or https URL' };
  return null;
}

function checkMethod(method: string): ContextFault | null {
  if (method === '' || HTTP_METHODS.some((known) => known === method.toUpperCase())) return null;
  return { path: 'job_context.info.method', rule: `must be one of ${HTTP_METHODS.join(', ')}, or empty` };
}

function checkHeaders(headers: Record<string, string>): ContextFault | null {
  for (const [name, value] of Object.entries(headers)) {
    const rule = findHeaderFault(name, value);
    if (rule !== null) return { path: `job_context.info.headers.${name}`, rule };
  }
  return null;
}

/** Why a job may not set this header; null: it may. */
export function findHeaderFault(name: string, value: string): string | null {
  if (!TOKEN.test(name)) return 'is not a valid header name';
  if (isFramingHeader(name)) return 'is set by the connection, a job cannot set it';
  if (CONTROL.test(value)) return 'must not contain control characters';
  return null;
}
