import { type Outcome } from '@ecron/domain';
import { refuse } from '../../executor/refuse.js';
import { TargetRefused } from '../../guard/index.js';
import { describeTransportError } from '../http/transport-error.js';
import { ApiFault } from './api/api-fault.js';
import { ClusterMissing } from './api/connection.js';

type Failure = Extract<Outcome, { kind: 'failed' }>;

/** Nothing was sent: whoever made the request knows that nothing came of it. */
const NOT_SENT =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|CERT_|ERR_TLS_CERT|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/;

/** Whether a request may have done its work although no answer says so. */
export function isAmbiguous(error: Error): boolean {
  if (error instanceof ApiFault) return error.status >= 500 || error.status === 429;
  if (error instanceof TargetRefused || error instanceof ClusterMissing) return false;
  return !NOT_SENT.test((error as NodeJS.ErrnoException).code ?? '');
}

export function hasStatus(error: unknown, status: number): boolean {
  return error instanceof ApiFault && error.status === status;
}

/** One short sentence for people, without anything that the request held. */
export function describeFault(error: Error): string {
  if (error instanceof ApiFault) return `the cluster answers ${error.status}: ${error.message}`;
  if (error instanceof TargetRefused || error instanceof ClusterMissing) return error.message;
  return describeTransportError(withoutAddress(error), 'the Kubernetes API');
}

/** Where the API server is, is nothing that tenants should read: neither as members nor in what the system says. */
function withoutAddress(error: NodeJS.ErrnoException & { errors?: Error[] }): Error {
  const { name, code, syscall, errors } = error;
  const said = error.message.split(': ', 1)[0] ?? '';
  const message = syscall === undefined ? said : `${syscall} ${code ?? 'failed'}`;
  return Object.assign(new Error(message), {
    name,
    ...(code !== undefined && { code }),
    ...(errors !== undefined && { errors: errors.map(withoutAddress) }),
  });
}

/** An attempt that came to no Job. */
export function failByFault(error: Error): Failure {
  const text = describeFault(error);
  if (error instanceof TargetRefused || hasStatus(error, 400) || hasStatus(error, 422)) {
    return refuse('bad target', text);
  }
  if (error instanceof ClusterMissing) return refuse('unsupported mode', text);
  return { kind: 'failed', retryable: true, error: text, result: null };
}
