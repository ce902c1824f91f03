import { type Api } from './api.js';
import { type ErrorBody } from './shapes.js';

export const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';

/** The body of an error answer beside its status. */
export type Refusal = ErrorBody & { status: number };

export async function refusalOf(api: Api, method: string, path: string, body?: unknown): Promise<Refusal> {
  const answer = await api.call(method, path, body);
  return { status: answer.status, ...answer.json };
}

/** Matches a refusal of this code, cause and detail, whatever the language of its message. */
export function refused(code: number, cause: string, detail: ErrorBody['detail']): unknown {
  return expect.objectContaining({ status: Math.floor(code / 1_000_000), code, cause, detail });
}

/** A 400 that names these parameters. */
export const bad = (cause: string, ...parameters: string[]) => refused(400009001, cause, { parameters });

export const unknownJob = () => refused(404009001, 'This job does not exist', { conflicts: ['job_id'] });

/** The parameter that a 400 names: exactly one, so that a client can point at the field. */
export function namedField({ status, code, detail }: Refusal): string {
  expect([status, code, detail?.parameters]).toEqual([400, 400009001, [expect.any(String)]]);
  return detail?.parameters?.[0] ?? '';
}
