import { NoAnswerError } from '@ecron/persistence';

/** Codes of the network, of the client and of a server that starts, stops or is full: they pass by themselves. */
const PASSING = new Map([
  ['ECONNREFUSED', 'nothing listens there'],
  ['ECONNRESET', 'the connection was cut'],
  ['EPIPE', 'the connection was cut'],
  ['ETIMEDOUT', 'no answer'],
  ['EHOSTUNREACH', 'no way there'],
  ['ENETUNREACH', 'no way there'],
  ['EHOSTDOWN', 'no way there'],
  ['ENOTFOUND', 'the name of the host is not known'],
  ['EAI_AGAIN', 'the name of the host is not known yet'],
  ['PROTOCOL_CONNECTION_LOST', 'the connection was cut'],
  ['PROTOCOL_SEQUENCE_TIMEOUT', 'no answer'],
  ['ER_CON_COUNT_ERROR', 'it has too many connections'],
  ['ER_USER_LIMIT_REACHED', 'the account has too many connections'],
  ['ER_TOO_MANY_USER_CONNECTIONS', 'the account has too many connections'],
  ['ER_SERVER_SHUTDOWN', 'it is shutting down'],
]);

/** Why a database server cannot be used just now, in words without secrets; null: waiting will not help. */
export function awayReason(error: unknown): string | null {
  if (error instanceof NoAnswerError) return 'no answer';
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  if (typeof code === 'string' && PASSING.has(code)) return PASSING.get(code) ?? null;
  return cause instanceof Error ? awayReason(cause) : null;
}
