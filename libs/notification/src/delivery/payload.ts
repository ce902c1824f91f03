import { type ExecutionView } from '@ecron/jobs';

/** UTF-8 bytes of a body; a longer one loses parts of its execution, the least telling first. */
export const MAX_BODY_BYTES = 128 * 1024;
const ATTEMPTS_KEPT = 10;
const ATTEMPT_ERROR_LENGTH = 512;

/** What stands beside the execution. */
export interface NoticeFacts {
  sequence: number;
  superseded: number;
  /** RFC 3339. */
  timestamp: string;
}

/** The body of a notice: the execution as the API shows it, cut to {@link MAX_BODY_BYTES}. */
export function buildPayload(execution: ExecutionView, facts: NoticeFacts): string {
  const { timestamp, sequence, superseded } = facts;
  const head = { type: `execution.${execution.state}`, timestamp, sequence, superseded };
  const whole = JSON.stringify({ ...head, data: execution });
  if (fits(whole)) return whole;
  const shortened = { ...execution, attempts: shortAttempts(execution) };
  const cut = JSON.stringify({ ...head, truncated: true, data: shortened });
  return fits(cut) ? cut : JSON.stringify({ ...head, truncated: true, data: { ...shortened, result: null } });
}

const fits = (body: string): boolean => Buffer.byteLength(body) <= MAX_BODY_BYTES;

/** The last ones, without what came with them. */
function shortAttempts({ attempts }: ExecutionView): ExecutionView['attempts'] {
  return attempts.slice(-ATTEMPTS_KEPT).map((attempt) => {
    const { response_headers: headers, error, ...rest } = attempt;
    const note = headers === undefined ? {} : { response_headers: {} };
    return { ...rest, ...note, ...(error !== undefined && { error: error.slice(0, ATTEMPT_ERROR_LENGTH) }) };
  });
}
