import { adoptStatus, type AdoptedRun, type JobOfRun } from './adopt-status.js';
import { type LegacyStatusRow } from './legacy-rows.js';

const NOW = Date.parse('2026-11-24T09:00:00Z');
const HOUR = 3_600_000;
const seconds = (ms: number): number => ms / 1000;

const ROW: LegacyStatusRow = {
  f_key_id: 3,
  f_execute_id: 'run-3',
  f_job_id: 'job-7',
  f_job_type: 2,
  f_job_name: 'nightly',
  f_job_status: 1,
  f_begin_time: seconds(NOW - 10 * HOUR),
  f_end_time: seconds(NOW - 9 * HOUR),
  f_executor: JSON.stringify([
    { executor_id: 'node-1', executed_at: '2026-11-23T23:00:00Z' },
    { executor_id: 'node-2', executed_at: '2026-11-24T07:00:05+08:00' },
  ]),
  f_execute_times: 2,
  f_ext_info: '{"is_deleted":0,"tenant_id":"tenant-a"}',
};

const JOB: JobOfRun = {
  isStored: true,
  tenantId: 'tenant-of-job',
  name: 'of the job',
  type: 'timed',
  mode: 'http',
  callbackTimeoutMs: HOUR,
};

const adopt = (own: Partial<LegacyStatusRow> = {}, job: JobOfRun | null = JOB) =>
  adoptStatus({ ...ROW, ...own }, job, NOW);
const adopted = (own: Partial<LegacyStatusRow> = {}, job: JobOfRun | null = JOB): AdoptedRun => {
  const result = adopt(own, job);
  if (result.kind === 'refused') throw new Error(`${result.reason}: ${result.detail}`);
  return result;
};
const executing = (ago: number): Partial<LegacyStatusRow> => ({
  f_job_status: 2,
  f_begin_time: seconds(NOW - ago),
  f_end_time: 0,
});

describe('a run of the old table', () => {
  it('keeps its ids, times, starts and end, and belongs to nobody here', () => {
    expect(adopted()).toMatchObject({
      holdsJob: false,
      notices: [],
      execution: {
        executeId: 'run-3',
        jobId: 'job-7',
        jobVersion: 1,
        tenantId: 'tenant-a',
        jobName: 'nightly',
        jobType: 'scheduled',
        trigger: 'external',
        state: 'succeeded',
        reason: '',
        slotAt: null,
        attempt: 2,
        nominalAt: NOW - 10 * HOUR,
        begunAt: NOW - 10 * HOUR,
        startedAt: NOW - 10 * HOUR + 5000,
        endedAt: NOW - 9 * HOUR,
        dueAt: null,
        attempts: [
          { attempt: 1, node_id: 'node-1', outcome: 'failed', ended_at: NOW - 10 * HOUR + 5000 },
          { attempt: 2, node_id: 'node-2', outcome: 'succeeded', ended_at: NOW - 9 * HOUR },
        ],
      },
    });
  });

  it.each([
    [1, 'succeeded', 'succeeded'],
    [3, 'failed', 'failed'],
    [4, 'interrupted', 'interrupted'],
    ['5', 'abandoned', 'failed'],
  ])('of the status %p is %s', (f_job_status, state, outcome) => {
    const { execution } = adopted({ f_job_status });
    expect([execution.state, execution.attempts.at(-1)?.outcome]).toEqual([state, outcome]);
  });

  it('may end without an end', () => {
    expect(adopted({ f_end_time: 0 }).execution).toMatchObject({ state: 'succeeded', endedAt: null });
  });

  it('without a begin stands at its end', () => {
    expect(adopted({ f_begin_time: null }).execution).toMatchObject({
      begunAt: null,
      nominalAt: NOW - 9 * HOUR,
    });
  });

  it('takes from its job what it does not say itself', () => {
    const { execution } = adopted({ f_ext_info: '{}', f_job_name: null, f_job_type: 0 });
    expect([execution.tenantId, execution.jobName, execution.jobType]).toEqual([
      'tenant-of-job',
      'of the job',
      'timed',
    ]);
  });

  it('of an admin’s job keeps its empty tenant', () => {
    expect(adopted({ f_ext_info: '{"tenant_id":""}' }).execution.tenantId).toBe('');
  });

  it.each([[null], [''], ['{"executor_id":"x"}'], ['[{"executor_id"']])(
    'has no starts where %p tells of none',
    (text) => {
      expect(adopted({ f_executor: text }).execution.attempts).toEqual([]);
    },
  );

  it('says what of it was no JSON and no time', () => {
    const odd = { f_executor: '[{"executor_id"', f_ext_info: '{', f_begin_time: -1, f_end_time: 1e15 };
    expect(adopted(odd).notices).toEqual([
      'f_begin_time is no time: unset',
      'f_end_time is no time: unset',
      'f_executor is no JSON: left out',
      'f_ext_info is no JSON: left out',
    ]);
  });

  it('loses a result that is too deep to be written again, and nothing else, and says so', () => {
    const result = '['.repeat(30_000) + ']'.repeat(30_000);
    const { execution, notices } = adopted({ f_ext_info: `{"tenant_id":"t","result":${result}}` });
    expect([execution.result, execution.tenantId]).toEqual([null, 't']);
    expect(notices).toEqual(['the result in f_ext_info is nested too deeply: left out']);
  });

  it('keeps a result that somebody had stored with it', () => {
    expect(adopted({ f_ext_info: '{"result":{"rows":3}}' }).execution.result).toBe('{"rows":3}');
  });
});

describe('a run whose job is gone', () => {
  it('still shows where it showed: it was not marked, and no job of that id was ever here', () => {
    expect(adopted({}, null).execution.jobVersion).toBe(0);
  });

  it.each<[string, Partial<LegacyStatusRow>, JobOfRun | null]>([
    ['marked as deleted', { f_ext_info: '{"is_deleted":1,"tenant_id":"t"}' }, null],
    ['that does not say', { f_ext_info: '{}' }, null],
    ['whose job was deleted here', {}, { ...JOB, isStored: false }],
  ])('%s does not show', (_, own, job) => {
    expect(adopted(own, job).execution.jobVersion).toBe(1);
  });
});

describe('a run that was left executing', () => {
  it('waits for its callback as long as it had, and holds its job for it', () => {
    expect(adopted(executing(HOUR / 4))).toMatchObject({
      holdsJob: true,
      execution: { state: 'accepted', reason: '', endedAt: null, dueAt: NOW + (HOUR * 3) / 4 },
    });
  });

  it('and is overdue gets the time anew for a late callback, but holds its job no more', () => {
    expect(adopted(executing(3 * HOUR))).toMatchObject({
      holdsJob: false,
      execution: { state: 'accepted', dueAt: NOW + HOUR },
    });
  });

  it('in the future by the clock waits no longer than from now', () => {
    expect(adopted(executing(-5 * HOUR)).execution.dueAt).toBe(NOW + HOUR);
  });

  it.each<[string, string, Partial<LegacyStatusRow>, JobOfRun | null]>([
    ['over a day ago', 'no word', executing(25 * HOUR), JOB],
    ['nobody knows when', 'no word', { f_job_status: 2, f_begin_time: 0 }, JOB],
    ['as a command', 'node lost', executing(HOUR / 4), { ...JOB, mode: 'exe' }],
    ['by a job that is gone', 'job deleted', executing(HOUR / 4), null],
    ['by a job that was deleted here', 'job deleted', executing(HOUR / 4), { ...JOB, isStored: false }],
  ])('%s is interrupted: %s', (_, reason, own, job) => {
    expect(adopted(own, job)).toMatchObject({
      holdsJob: false,
      execution: { state: 'interrupted', reason, endedAt: NOW, dueAt: null },
    });
  });
});

describe('a run that cannot be adopted', () => {
  it.each<[string, Partial<LegacyStatusRow>, string]>([
    ['without an id', { f_execute_id: null }, 'no id'],
    ['of an unknown status', { f_job_status: 0 }, 'unknown status'],
    ['marked as deleted while its job is there', { f_ext_info: '{"is_deleted":"1"}' }, 'marked deleted'],
    ['with an id too long', { f_execute_id: 'x'.repeat(37) }, 'too long'],
    ['with a tenant too long', { f_ext_info: JSON.stringify({ tenant_id: 'x'.repeat(256) }) }, 'too long'],
  ])('%s is refused', (_, own, reason) => {
    expect(adopt(own)).toMatchObject({ kind: 'refused', reason });
  });
});
