import { CronError } from '../cron/index.js';
import { factsOf, planEdit, settleDeleted } from './edit.js';
import { type Job } from './job.js';

const DEFAULTS = { maxAttempts: 3, completion: 'auto' as const };
const MINUTE_MS = 60_000;
const NOON = Date.UTC(2026, 10, 24, 12);
const CREATED = NOON - 3_600_000;

/** Every minute, the slots up to a minute ago claimed. */
const JOB: Job = {
  jobId: 'j',
  tenantId: 't',
  name: 'n',
  type: 'scheduled',
  schedule: '0 * * * * *',
  timeZone: 'UTC',
  context: {
    mode: 'http',
    exec: 'http://target.test/',
    info: { method: '', params: null, headers: null, body: null, kubernetes: null },
    notify: { webhook: '' },
    begin_at: '',
    end_at: '',
    execute_id: '',
  },
  policy: {},
  beginAt: null,
  endAt: null,
  enabled: true,
  remarks: '',
  version: 4,
  nextSlotAt: NOON + MINUTE_MS,
  anchorAt: CREATED,
  createdAt: CREATED,
  updatedAt: CREATED,
};
const NOW = NOON + 20_250;

const edit = (change: Partial<Job>, before: Job = JOB, now = NOW) =>
  planEdit(before, { ...before, ...change }, now, DEFAULTS);

describe('any edit', () => {
  it('raises the version, keeps the creation and tells when it was', () => {
    const { job } = edit({ name: 'other', version: 1, createdAt: 7, updatedAt: 7 });
    expect(job).toMatchObject({ name: 'other', version: 5, createdAt: CREATED, updatedAt: NOW });
  });
});

describe('an edit that leaves the schedule alone', () => {
  it.each<[string, Partial<Job>]>([
    ['name', { name: 'other' }],
    ['remarks', { remarks: 'other' }],
    ['webhook', { context: { ...JOB.context, notify: { webhook: 'https://a.test/' } } }],
    ['target', { context: { ...JOB.context, exec: 'http://other.test/' } }],
  ])('such as of its %s touches neither slots nor anchor', (_, change) => {
    const behind = { ...JOB, nextSlotAt: NOON - MINUTE_MS };
    expect(edit(change, behind)).toEqual({
      job: { ...behind, ...change, version: 5, updatedAt: NOW },
      isRescheduled: false,
      settled: [],
    });
  });
});

describe('an edit of when a job is due', () => {
  it.each<[string, Partial<Job>, number | null]>([
    ['schedule', { schedule: '30 * * * * *' }, NOON + 30_000],
    ['zone', { timeZone: 'Asia/Shanghai' }, NOON + MINUTE_MS],
    ['type', { type: 'timed' }, NOON + MINUTE_MS],
    ['begin', { beginAt: NOON + 5 * MINUTE_MS }, NOON + 5 * MINUTE_MS],
    ['end', { endAt: NOON + 30_000 }, null],
    ['policy', { policy: { misfire: { grace_s: 1 } } }, NOON + MINUTE_MS],
    ['switch', { enabled: false }, null],
  ])('such as of its %s begins anew with the first slot after now', (_, change, nextSlotAt) => {
    const { job, isRescheduled } = edit(change);
    expect([isRescheduled, job.nextSlotAt]).toEqual([true, nextSlotAt]);
  });

  it('leaves the slot of this very instant to the old definition', () => {
    const { job, settled } = edit({ type: 'timed' }, { ...JOB, nextSlotAt: NOON }, NOON);
    expect(settled).toMatchObject([{ kind: 'waiting', slotAt: NOON }]);
    expect(job.nextSlotAt).toBe(NOON + MINUTE_MS);
  });

  it('is refused where the new schedule is bad', () => {
    expect(() => edit({ schedule: 'x' })).toThrow(CronError);
  });

  it('of a disabled job makes nothing due', () => {
    const { job, settled } = edit({ schedule: '30 * * * * *' }, { ...JOB, enabled: false, nextSlotAt: null });
    expect([job.nextSlotAt, settled]).toEqual([null, []]);
  });
});

describe('the anchor of @every', () => {
  const every = { ...JOB, schedule: '@every 7s' };

  it.each<[string, Partial<Job>]>([
    ['schedule', { schedule: '@every 9s' }],
    ['zone', { timeZone: 'Asia/Shanghai' }],
    ['switch', { enabled: false }],
  ])('moves to the second of an edit of the %s', (_, change) => {
    expect(edit(change, every).job.anchorAt).toBe(NOON + 20_000);
  });

  it.each<[string, Partial<Job>]>([
    ['window', { endAt: NOON + 3_600_000 }],
    ['policy', { policy: { timeout_s: 1 } }],
    ['name', { name: 'other' }],
  ])('stays where it is at an edit of the %s', (_, change) => {
    expect(edit(change, every).job.anchorAt).toBe(CREATED);
  });

  it('is what the first slot counts from', () => {
    expect(edit({ schedule: '@every 9s' }, every).job.nextSlotAt).toBe(NOON + 29_000);
  });
});

describe('slots that had come due before an edit', () => {
  const behind = { ...JOB, nextSlotAt: NOON - 2 * MINUTE_MS };

  it('get their fates under the old definition and its policy', () => {
    expect(edit({ schedule: '30 * * * * *' }, behind).settled).toEqual([
      {
        kind: 'missed',
        slotAt: NOON - 2 * MINUTE_MS,
        slotTo: NOON - 2 * MINUTE_MS,
        count: 1,
        reason: 'misfire',
      },
      { kind: 'waiting', slotAt: NOON - MINUTE_MS, misfireAt: null, reason: 'misfire' },
      { kind: 'waiting', slotAt: NOON, misfireAt: NOON + MINUTE_MS, reason: '' },
    ]);
  });

  it('are judged by the grace that held then, not by the new one', () => {
    const patient = { ...behind, policy: { misfire: { grace_s: 600 } } };
    const { settled } = edit({ policy: { misfire: { grace_s: 1 } } }, patient);
    expect(settled.map((row) => [row.kind, row.reason])).toEqual([
      ['waiting', ''],
      ['waiting', ''],
      ['waiting', ''],
    ]);
  });

  it('all get one, however many a single claim would take', () => {
    const everySecond = { ...JOB, schedule: '* * * * * *', policy: { misfire: { grace_s: 600 } } };
    const { settled } = edit({ timeZone: 'Asia/Shanghai' }, { ...everySecond, nextSlotAt: NOON - 300_000 });
    expect(settled.map((row) => row.slotAt)).toEqual(
      Array.from({ length: 321 }, (_, n) => NOON - 300_000 + n * 1000),
    );
  });

  it('are one missed range where the job is switched off', () => {
    expect(edit({ enabled: false }, behind).settled).toEqual([
      { kind: 'missed', slotAt: NOON - 2 * MINUTE_MS, slotTo: NOON, count: 3, reason: 'job disabled' },
    ]);
  });

  it('are one missed range where the job is deleted', () => {
    expect(settleDeleted(behind, NOW)).toEqual([
      { kind: 'missed', slotAt: NOON - 2 * MINUTE_MS, slotTo: NOON, count: 3, reason: 'job deleted' },
    ]);
  });

  it.each([
    ['whose next slot is ahead', JOB],
    ['with no slot left', { ...JOB, nextSlotAt: null }],
  ])('do not exist for a job %s', (_, job) => {
    expect([edit({ enabled: false }, job).settled, settleDeleted(job, NOW)]).toEqual([[], []]);
  });
});

describe('the facts of a schedule', () => {
  it('name the rule for clock changes, the default one where the job has none', () => {
    expect([factsOf(JOB).dst, factsOf({ ...JOB, policy: { dst: 'robfig' } }).dst]).toEqual([
      'default',
      'robfig',
    ]);
  });
});
