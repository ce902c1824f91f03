import { httpMethodOf, type HttpMethod, type JobContext } from '@ecron/domain';
import { type AttemptRequest } from '../../executor/executor.js';
import { carriesBody, formatBody } from './request-body.js';
import { basicAuthorization, type HeaderList, identityHeaders, selectOwnHeaders } from './request-headers.js';

/** One request on the way to the answer: the first, or one that a redirect led to. */
export interface Hop {
  url: URL;
  method: HttpMethod;
  headers: HeaderList;
  body: string | null;
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const KEEPS_METHOD: ReadonlySet<number> = new Set([307, 308]);
const CREDENTIALS: ReadonlySet<string> = new Set(['authorization', 'www-authenticate', 'cookie', 'cookie2']);

/** What is the same in every run of a context; the same object serves many of them. */
export interface PreparedRequest {
  url: URL;
  method: HttpMethod;
  /** The job's own headers, and those that are added where it has none. */
  own: HeaderList;
  body: string | null;
}

/** Null when the context's `exec` is no URL. */
export function prepareRequest(context: JobContext, userAgent: string): PreparedRequest | null {
  const url = URL.parse(context.exec);
  if (url === null) return null;
  const method = httpMethodOf(context.info.method);
  const own = selectOwnHeaders(context.info.headers);
  if (!own.has('user-agent')) own.set('user-agent', userAgent);
  const basic = basicAuthorization(url);
  if (basic !== null && !own.has('authorization')) own.set('authorization', basic);
  if (!carriesBody(method)) return { url, method, own: [...own].flat(), body: null };
  const contentType = own.get('content-type') ?? 'application/json';
  own.set('content-type', contentType);
  return { url, method, own: [...own].flat(), body: formatBody(context.info.body, contentType) };
}

export function firstHop({ url, method, own, body }: PreparedRequest, attempt: AttemptRequest): Hop {
  return { url, method, headers: [...identityHeaders(attempt), ...own], body };
}

/** Whether an answer sends the caller elsewhere; without a location it is an answer like any other. */
export function isRedirect(statusCode: number, location: string): boolean {
  return location !== '' && REDIRECTS.has(statusCode);
}

/**
 * The request a redirect asks for: 307 and 308 keep method and body, the others turn all but HEAD into a
 * GET without body. Null when the location is no URL. Credentials do not cross origins, nor come back.
 */
export function nextHop(hop: Hop, statusCode: number, location: string): Hop | null {
  const url = URL.parse(readLocation(location), hop.url.href);
  if (url === null) return null;
  const headers = url.origin === hop.url.origin ? hop.headers : dropCredentials(hop.headers);
  if (KEEPS_METHOD.has(statusCode)) return { ...hop, url, headers };
  return { url, method: hop.method === 'HEAD' ? 'HEAD' : 'GET', headers: dropContent(headers), body: null };
}

/** A location beyond ASCII arrives one byte a character; targets mean UTF-8. */
function readLocation(location: string): string {
  return Buffer.from(location, 'latin1').toString('utf8');
}

function dropContent(headers: HeaderList): HeaderList {
  return mapHeaders(headers, (name, value) => (name.startsWith('content-') ? null : value));
}

/** The key that lets a target call back is in the query of `webhook`. */
function dropCredentials(headers: HeaderList): HeaderList {
  return mapHeaders(headers, (name, value) => {
    if (name === 'webhook') return value.replace(/\?.*$/s, '');
    return CREDENTIALS.has(name) ? null : value;
  });
}

function mapHeaders(headers: HeaderList, map: (name: string, value: string) => string | null): HeaderList {
  const mapped: HeaderList = [];
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const [name = '', value = ''] = headers.slice(i, i + 2);
    const kept = map(name, value);
    if (kept !== null) mapped.push(name, kept);
  }
  return mapped;
}
