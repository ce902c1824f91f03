import { httpMethodOf, type HttpMethod, type JobContext } from '@ecron/domain';
import { type AttemptRequest } from '../../executor/executor.js';
import { carriesBody, formatBody } from './request-body.js';
import { basicAuthorization, type HeaderList, identityHeaders, selectOwnHeaders } from './request-headers.js';
import { type OriginTls, originTls } from './tls-options.js';

/** One request on the way to the answer: the first, or one that a redirect led to. */
export interface Hop {
  url: URL;
  method: HttpMethod;
  headers: HeaderList;
  body: string | null;
  /** TLS options of the job and the one origin they are for; null: it has none. */
  tls: OriginTls | null;
  /** False: the job sets `referer` itself. */
  tellsReferer: boolean;
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const KEEPS_METHOD: ReadonlySet<number> = new Set([307, 308]);
const CREDENTIALS: ReadonlySet<string> = new Set(['authorization', 'www-authenticate', 'cookie', 'cookie2']);

/** What is the same in every run of a context; the same object serves many of them. */
export interface PreparedRequest extends Omit<Hop, 'headers'> {
  /** The job's own headers, and those that are added where it has none. */
  own: HeaderList;
}

/** Null when the context's `exec` is no URL. */
export function prepareRequest(context: JobContext, userAgent: string): PreparedRequest | null {
  const url = URL.parse(context.exec);
  if (url === null) return null;
  const method = httpMethodOf(context.info.method);
  const own = ownHeaders(context, url, userAgent);
  const body = carriesBody(method) ? prepareBody(context, own) : null;
  return {
    url,
    method,
    own: [...own].flat(),
    body,
    tls: originTls(url.origin, context.info.tls),
    tellsReferer: !own.has('referer'),
  };
}

function ownHeaders({ info }: JobContext, url: URL, userAgent: string): Map<string, string> {
  const own = selectOwnHeaders(info.headers);
  if (!own.has('user-agent')) own.set('user-agent', userAgent);
  const basic = basicAuthorization(url);
  if (basic !== null && !own.has('authorization')) own.set('authorization', basic);
  return own;
}

/** Adds the type of the body where the job does not say. */
function prepareBody({ info }: JobContext, own: Map<string, string>): string {
  const usual = info.body_text === undefined ? 'application/json' : 'text/plain; charset=utf-8';
  const contentType = own.get('content-type') ?? usual;
  own.set('content-type', contentType);
  return info.body_text ?? formatBody(info.body, contentType);
}

export function firstHop({ own, ...request }: PreparedRequest, attempt: AttemptRequest): Hop {
  const headers = [...identityHeaders(attempt), ...own];
  const { traceparent } = attempt;
  if (traceparent !== undefined && !hasHeader(own, 'traceparent')) headers.push('traceparent', traceparent);
  return { ...request, headers };
}

const hasHeader = (headers: HeaderList, wanted: string): boolean =>
  headers.some((text, at) => at % 2 === 0 && text === wanted);

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
  const kept = url.origin === hop.url.origin ? hop.headers : dropCredentials(hop.headers);
  const headers = hop.tellsReferer ? withReferer(kept, hop.url, url) : kept;
  if (KEEPS_METHOD.has(statusCode)) return { ...hop, url, headers };
  const method = hop.method === 'HEAD' ? 'HEAD' : 'GET';
  return { ...hop, url, method, headers: dropContent(headers), body: null };
}

/** As browsers do: across origins without path and query, which can hold secrets; never from https to http. */
function withReferer(headers: HeaderList, from: URL, to: URL): HeaderList {
  const others = mapHeaders(headers, (name, value) => (name === 'referer' ? null : value));
  if (from.protocol === 'https:' && to.protocol === 'http:') return others;
  const path = from.origin === to.origin ? from.pathname + from.search : '/';
  return [...others, 'referer', from.origin + path];
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
