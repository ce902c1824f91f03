import { readFileSync } from 'node:fs';
import { inParallel } from '../support/eventually.js';
import { jobBody, YEARLY, type JobBody } from '../support/jobs.js';
import { repositoryFile } from '../support/process.js';
import { useRig } from '../support/rig.js';
import { type ErrorBody, type PreviewView } from '../support/shapes.js';

interface Vector {
  id: string;
  rule: 'default' | 'robfig';
  expr: string;
  zone: string;
  after: string;
  next?: string[];
  error?: 'refused' | 'never';
}

const rig = useRig();
const job = (over: JobBody = {}, context: JobBody = {}) => jobBody('http://127.0.0.1:1/', over, context);
const stored = async (over: JobBody, context: JobBody = {}) =>
  rig.api.job(await rig.api.create(job(over, context)));
const preview = (body: object) => rig.api.call<PreviewView & ErrorBody>('POST', '/schedule/preview', body);

describe('the cron text of a job', () => {
  it.each([
    ['6 fields', '0 0 9 * * 1-5'],
    ['5 fields', '0 9 * * 1-5'],
    ['7 fields', '0 0 9 * * ? 2090'],
    ['names', '0 0 9 ? JAN-mar mon,WED'],
    ['steps', '5/10 1-5/2 */61 * * *'],
    ['an empty item', '0 1,2,,3 * * * *'],
    ['blanks around', '  0\t0  9 * * ?  '],
    ['the last day', '0 0 0 L * ?'],
    ['a nearest weekday', '0 0 0 15W * ?'],
    ['an nth weekday', '0 0 0 ? * 5#3'],
    ['Sunday as 7', '0 0 0 ? * 7'],
    ['a hash of the job', 'H H H * * *'],
    ['a descriptor', '@hourly'],
    ['another descriptor', '@midnight'],
    ['an interval', '@every 1h30m'],
    ['a zone in front', 'CRON_TZ=Asia/Tokyo 0 0 9 * * ?'],
    ['the short form of it', 'TZ=Asia/Tokyo 0 0 9 * * ?'],
  ])('may have %s, and reads back as it was sent', async (_, cron) => {
    const made = await stored({ job_cron_time: cron, enabled: true });
    expect(made.job_cron_time).toBe(cron);
    expect(Date.parse(made.next_slot_at)).toBeGreaterThan(Date.now() - 5000);
  });

  it.each([
    '',
    'x',
    '* * *',
    '0 60 * * * *',
    '@reboot',
    '@Hourly',
    '@every 1d',
    '0 0 0 ? * 5-1',
    '0 0 0 ? * FRI-MON',
    '0 0 0 ? * MONDAY',
    '*/0 * * * * *',
    'CRON_TZ=UTC',
    'CRON_TZ=Mars/Olympus 0 0 9 * * ?',
    '0 0 0 30 2 ?',
    '2090-01-01T00:00:00Z',
  ])('%p is refused, saying why', async (cron) => {
    const answer = await rig.api.call('POST', '/job', job({ job_cron_time: cron }));
    expect([answer.status, answer.json.code]).toEqual([400, 400009001]);
    expect(answer.json.cause).toMatch(/^Cron time error./);
    expect(answer.json.detail).toEqual({ parameters: ['job_cron_time'] });
  });

  it('names field and position of the fault', async () => {
    const { json } = await rig.api.call('POST', '/job', job({ job_cron_time: '0 61 * * * *' }));
    expect(json.cause).toMatch(/^Cron time error.*minute/);
    expect(json.cause).toMatch(/\b[23]\b/);
  });

  it('may be an instant where the job is timed', async () => {
    const instant = { job_cron_time: '2090-01-01T08:00:00+08:00', job_type: 'timed', enabled: true };
    expect(Date.parse((await stored(instant)).next_slot_at)).toBe(Date.UTC(2090, 0, 1));
  });
});

describe('next_slot_at and the zone', () => {
  it('is the next slot in the zone of the job, "" while the job is disabled', async () => {
    const morning = { job_cron_time: '0 0 9 1 1 ? 2090', time_zone: 'Asia/Shanghai' };
    expect((await stored({ ...morning, enabled: true })).next_slot_at).toBe('2090-01-01T09:00:00+08:00');
    expect((await stored(morning)).next_slot_at).toBe('');
  });

  it('stays inside begin_at and end_at', async () => {
    const daily = { job_cron_time: '0 0 0 * * ?', enabled: true };
    const late = await stored(daily, { begin_at: '2090-01-01T00:00:00Z' });
    expect(Date.parse(late.next_slot_at)).toBe(Date.UTC(2090, 0, 1));
    const over = await stored(daily, { end_at: '2020-01-01T00:00:00Z' });
    expect(over.next_slot_at).toBe('');
  });

  it.each(['', null, undefined])('stores and shows the default zone for %p', async (time_zone) => {
    expect((await stored({ time_zone })).time_zone).toBe('UTC');
  });

  it('ignores a next_slot_at in the body', async () => {
    const sent = { next_slot_at: '2001-01-01T00:00:00Z', job_cron_time: '0 0 0 1 1 ? 2090', enabled: true };
    expect(Date.parse((await stored(sent)).next_slot_at)).toBe(Date.UTC(2090, 0, 1));
  });
});

describe('the policy in force', () => {
  it('is shown complete, from the defaults', async () => {
    expect((await stored({})).job_context.policy).toMatchObject({
      overlap: 'skip',
      misfire: { policy: 'latest', grace_s: 60, window_s: 3600, max: 10 },
      retry: { max_attempts: 3, base_s: 5, factor: 2, cap_s: 3600, jitter: true },
      timeout_s: 60,
      total_timeout_s: 86_400,
      completion: 'auto',
      callback_timeout_s: 3600,
      node_lost: 'retry',
      dst: 'default',
    });
  });

  it('is the default of the mode for an exe job', async () => {
    expect((await stored({}, { mode: 'exe', exec: 'true' })).job_context.policy.timeout_s).toBe(3600);
  });

  it('keeps what the job sets', async () => {
    const policy = { retry: { max_attempts: 5, base_s: 0.5 }, completion: 'callback', dst: 'robfig' };
    const made = await stored({}, { policy });
    expect(made.job_context.policy).toMatchObject({ ...policy, retry: { ...policy.retry, factor: 2 } });
  });
});

describe('POST /schedule/preview', () => {
  it('gives ten slots strictly after an instant, in the zone asked for', async () => {
    const { status, json } = await preview({
      job_cron_time: '0 0 9 * * 1-5',
      time_zone: 'Asia/Shanghai',
      after: '2026-11-24T09:00:00+08:00',
    });
    expect(status).toBe(200);
    expect(json.slots).toHaveLength(10);
    expect(json.slots.slice(0, 4)).toEqual([
      '2026-11-25T09:00:00+08:00',
      '2026-11-26T09:00:00+08:00',
      '2026-11-27T09:00:00+08:00',
      '2026-11-30T09:00:00+08:00',
    ]);
    expect(json.warnings).toEqual([]);
  });

  it('gives fewer where the pattern has no more, and a thousand where asked', async () => {
    const years = await preview({ job_cron_time: '0 0 0 1 1 ? 2090-2091' });
    expect(years.json.slots).toHaveLength(2);
    expect((await preview({ job_cron_time: YEARLY, count: 1000 })).json.slots.length).toBeGreaterThan(100);
  });

  it('warns of a slot that a change of the clock moves', async () => {
    const gap = await preview({
      job_cron_time: '0 30 2 * * *',
      time_zone: 'America/New_York',
      after: '2025-03-08T12:00:00-05:00',
      count: 2,
    });
    expect(gap.json.slots).toEqual(['2025-03-09T03:00:00-04:00', '2025-03-10T02:30:00-04:00']);
    expect(gap.json.warnings).toMatchObject([{ slot: '2025-03-09T03:00:00-04:00', kind: 'dst_gap' }]);
    const overlap = await preview({
      job_cron_time: '0 30 1 * * *',
      time_zone: 'America/New_York',
      after: '2025-11-01T12:00:00-04:00',
      count: 2,
    });
    expect(overlap.json.warnings).toMatchObject([{ slot: '2025-11-02T01:30:00-04:00', kind: 'dst_overlap' }]);
  });

  it('hashes H by the job id', async () => {
    const slots = async (job_id: string) =>
      (await preview({ job_cron_time: 'H H H * * *', job_id, count: 1 })).json.slots;
    expect(await slots('a')).toEqual(await slots('a'));
    expect(await slots('a')).not.toEqual(await slots('b'));
  });

  it.each([
    [{ job_cron_time: '0 61 * * * *' }, 'job_cron_time'],
    [{ job_cron_time: '0 0 0 30 2 ?' }, 'job_cron_time'],
    [{}, 'job_cron_time'],
    [{ job_cron_time: YEARLY, time_zone: 'Mars/Olympus' }, 'time_zone'],
    [{ job_cron_time: YEARLY, after: 'now' }, 'after'],
    [{ job_cron_time: YEARLY, count: 0 }, 'count'],
    [{ job_cron_time: YEARLY, count: 1001 }, 'count'],
    [{ job_cron_time: YEARLY, dst: 'other' }, 'dst'],
  ])('refuses %j', async (body, field) => {
    const { status, json } = await preview(body);
    expect([status, json.code, json.detail]).toEqual([400, 400009001, { parameters: [field] }]);
  });

  it('names field, position and rule of a fault', async () => {
    const { json } = await preview({ job_cron_time: '0 0 0 32 * ?' });
    expect(json.cause).toMatch(/^Cron time error.*day/);
    expect(json.cause).toMatch(/\b6\b/);
  });
});

describe('the vectors', () => {
  const file = repositoryFile('libs/domain/test/vectors/vectors.json');
  const vectors = JSON.parse(readFileSync(file, 'utf8')) as Vector[];

  /** '' where the answer is right. A pattern that is over may be refused or give nothing: both are right. */
  const fault = async ({ id, rule, expr, zone, after, next = [], error }: Vector) => {
    const asked = { job_cron_time: expr, time_zone: zone, after, count: 5, dst: rule };
    const { status, json, text } = await preview(asked);
    const wrong = `${id} ${JSON.stringify(expr)} ${zone} after ${after}: ${status} ${text}`;
    if (error) return status === 400 ? '' : wrong;
    if (next.length === 0 && status === 400) return '';
    const same = JSON.stringify(json.slots?.map(Date.parse)) === JSON.stringify(next.map(Date.parse));
    return status === 200 && same ? '' : wrong;
  };

  it.each(['default', 'robfig'] as const)('come out right under the rule %s', async (rule) => {
    const chosen = vectors.filter((vector) => vector.rule === rule);
    expect(chosen.length).toBeGreaterThan(1000);
    const faults = await inParallel(chosen, 50, fault);
    expect(faults.filter((text) => text !== '')).toEqual([]);
  });
});
