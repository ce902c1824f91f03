import { type ExecutionView } from '@ecron/jobs';
import { buildPayload, MAX_BODY_BYTES } from './payload.js';

const FACTS = { sequence: 7, superseded: 2, timestamp: '2026-11-24T09:00:00Z' };

const viewOf = (own: Partial<ExecutionView>): ExecutionView => ({
  execute_id: 'e-1',
  job_id: 'j-1',
  job_name: 'n',
  job_type: 'scheduled',
  tenant_id: 't',
  trigger: 'schedule',
  slot_at: '',
  state: 'succeeded',
  reason: '',
  job_status: 'success',
  attempt: 1,
  max_attempts: 3,
  not_before: '',
  queued_at: '',
  started_at: '',
  ended_at: '',
  lateness_ms: 3,
  attempts: [],
  result: { rows: 3 },
  error: '',
  ...own,
});
const attemptsOf = (count: number, bytes: number): ExecutionView['attempts'] =>
  Array.from({ length: count }, (_, n) => ({
    attempt: n + 1,
    node_id: 'node',
    started_at: '',
    ended_at: '',
    outcome: 'failed',
    response_headers: { 'x-long': 'x'.repeat(bytes) },
    error: 'e'.repeat(1_000),
  }));

const read = (body: string) => JSON.parse(body) as Record<string, unknown> & { data: ExecutionView };

describe('the body of a notice', () => {
  it('has the type, the time, its number, how many were dropped, and the execution', () => {
    const execution = viewOf({});
    expect(read(buildPayload(execution, FACTS))).toEqual({
      type: 'execution.succeeded',
      timestamp: '2026-11-24T09:00:00Z',
      sequence: 7,
      superseded: 2,
      data: execution,
    });
  });

  it('loses old attempts and long headers where it would be too long, and says so', () => {
    const body = buildPayload(viewOf({ attempts: attemptsOf(200, 2_000) }), FACTS);
    const { truncated, data } = read(body);
    expect(Buffer.byteLength(body)).toBeLessThan(MAX_BODY_BYTES);
    expect([truncated, data.attempts.map((a) => a.attempt), data.result]).toEqual([
      true,
      Array.from({ length: 10 }, (_, n) => 191 + n),
      { rows: 3 },
    ]);
  });

  it('loses its result where that is still too long', () => {
    const body = buildPayload(viewOf({ result: '"'.repeat(65_536) + 'x'.repeat(65_536) }), FACTS);
    expect(read(body)).toMatchObject({ truncated: true, data: { execute_id: 'e-1', result: null } });
  });
});
