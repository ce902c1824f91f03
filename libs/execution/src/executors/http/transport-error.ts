const CLOSED = new Set([
  'ECONNRESET',
  'EPIPE',
  'ECONNABORTED',
  'UND_ERR_SOCKET',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
]);
const UNREACHABLE = new Set(['EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'EHOSTDOWN', 'ENETDOWN']);
const TIMED_OUT = new Set(['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT']);
const OVERFLOW = new Set(['UND_ERR_HEADERS_OVERFLOW', 'HPE_HEADER_OVERFLOW']);
const GONE = new Set(['UND_ERR_CLOSED', 'UND_ERR_DESTROYED']);
const NO_SOCKETS = new Set(['EMFILE', 'ENFILE', 'ENOBUFS']);
const BAD_CERTIFICATE =
  /^(CERT_|ERR_TLS_CERT|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH)/;
const BAD_TLS = /^(EPROTO$|ERR_SSL_|ERR_TLS_)/;
const MAX_LENGTH = 200;

interface SystemError extends Error {
  code?: string;
  address?: string;
  port?: number;
}

/** Whether the request itself could not be put into HTTP: no attempt will fare better. */
export function isUnsendable(error: Error): boolean {
  return codeOf(error) === 'UND_ERR_INVALID_ARG' || codeOf(error) === 'UND_ERR_NOT_SUPPORTED';
}

/** Whether the other side closed the connection. */
export function isClosed(error: Error): boolean {
  return CLOSED.has(codeOf(error));
}

/** One short sentence for people; `host` is the target's host and port. It never holds user or password. */
export function describeTransportError(error: Error, host: string): string {
  if (!('errors' in error)) return describeOne(error, host);
  // A name with several addresses: one error for each.
  const texts = new Set((error.errors as Error[]).map((each) => describeOne(each, host)));
  return [...texts].join('; ').slice(0, MAX_LENGTH);
}

function describeOne(error: SystemError, host: string): string {
  const code = codeOf(error);
  const peer = error.address === undefined ? host : joinHostPort(error.address, error.port);
  if (code === 'ECONNREFUSED') return `connection refused by ${peer}`;
  if (code === 'ENOTFOUND') return `host not found: ${host}`;
  if (code === 'EAI_AGAIN') return `host name could not be looked up: ${host}`;
  if (CLOSED.has(code)) return `connection closed by ${host} before the answer was complete`;
  if (TIMED_OUT.has(code)) return `no connection to ${peer} in time`;
  if (UNREACHABLE.has(code)) return `no route to ${peer}`;
  return describeProtocolError(error, host);
}

function describeProtocolError(error: Error, host: string): string {
  const code = codeOf(error);
  if (BAD_CERTIFICATE.test(code)) return `certificate of ${host} refused: ${firstClause(error)}`;
  if (BAD_TLS.test(code)) return `no TLS connection to ${host}`;
  if (OVERFLOW.has(code)) return `the headers of the answer of ${host} are too large`;
  if (error.name === 'HTTPParserError') return `the answer of ${host} is not valid HTTP`;
  if (GONE.has(code)) return 'the executor is closed';
  if (NO_SOCKETS.has(code)) return 'this node has no sockets left';
  return `the request failed: ${firstLine(error)}`;
}

function codeOf(error: SystemError): string {
  return error.code ?? '';
}

function joinHostPort(address: string, port: number | undefined): string {
  const name = address.includes(':') ? `[${address}]` : address;
  return port === undefined ? name : `${name}:${port}`;
}

/** Node adds advice about its own command line after a semicolon. */
function firstClause(error: Error): string {
  return firstLine(error).split(';', 1)[0] ?? '';
}

function firstLine(error: Error): string {
  return (error.message.split('\n', 1)[0] ?? '').slice(0, MAX_LENGTH);
}
