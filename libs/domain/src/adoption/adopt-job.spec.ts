import { adoptJob, type AdoptedJob } from './adopt-job.js';
import { type LegacyJobRow } from './legacy-rows.js';
import { LegacySchedules } from './legacy-schedules.js';

const NOW = Date.parse('2026-11-24T09:00:30.250Z');
const ZONE = 'Asia/Shanghai';

const CONTEXT = {
  mode: 'http',
  exec: 'http://target.test/run?x=1',
  info: { method: 'POST', params: null, headers: { 'X-A': 'b' }, body: { a: 1 }, kubernetes: null },
  notify: { webhook: 'http://hook.test' },
  begin_at: '',
  end_at: '',
  execute_id: '',
};

const ROW: LegacyJobRow = {
  f_key_id: 7,
  f_job_id: 'job-7',
  f_job_name: 'nightly',
  f_job_cron_time: '0 0 9 * * 1-5',
  f_job_type: 2,
  f_job_context: JSON.stringify(CONTEXT),
  f_tenant_id: 'tenant-a',
  f_enabled: 1,
  f_remarks: 'a remark',
  f_create_time: 1_600_000_000,
  f_update_time: 1_600_000_060,
};

/** As deep as 10 000 characters can be. */
const DEEP = `{"mode":"exe","exec":"x","info":{"body":{"a":${'['.repeat(4_900)}${']'.repeat(4_900)}}}}`;
const adopt = (own: Partial<LegacyJobRow> = {}) =>
  adoptJob({ ...ROW, ...own }, { zone: ZONE, now: NOW, schedules: new LegacySchedules(ZONE, NOW) });
const adopted = (own: Partial<LegacyJobRow> = {}): AdoptedJob => {
  const result = adopt(own);
  if (result.kind === 'refused') throw new Error(`${result.reason}: ${result.detail}`);
  return result;
};
const withContext = (own: object): Partial<LegacyJobRow> => ({
  f_job_context: JSON.stringify({ ...CONTEXT, ...own }),
});
const withInfo = (own: object) => withContext({ info: { ...CONTEXT.info, ...own } });

describe('a job of the old table', () => {
  it('keeps what it was, waits for callbacks and fires by the old rule in the old zone', () => {
    expect(adopted()).toEqual({
      kind: 'adopted',
      notices: [],
      job: {
        jobId: 'job-7',
        tenantId: 'tenant-a',
        name: 'nightly',
        type: 'scheduled',
        schedule: '0 0 9 * * 1-5',
        timeZone: ZONE,
        context: CONTEXT,
        policy: { completion: 'callback', dst: 'robfig' },
        beginAt: null,
        endAt: null,
        enabled: true,
        remarks: 'a remark',
        version: 1,
        nextSlotAt: Date.parse('2026-11-25T09:00:00+08:00'),
        anchorAt: Date.parse('2026-11-24T09:00:30Z'),
        createdAt: 1_600_000_000_000,
        updatedAt: 1_600_000_060_000,
      },
    });
  });

  it.each([
    [1, 'timed'],
    [2, 'scheduled'],
    ['3', 'real-time'],
  ])('of the type %p is %s', (f_job_type, type) => {
    expect(adopted({ f_job_type }).job.type).toBe(type);
  });

  it.each([
    [1, 'http'],
    [3, 'https'],
    [2, 'exe'],
    ['https', 'https'],
  ])('of the mode %p is %s', (mode, word) => {
    expect(adopted(withContext({ mode })).job.context.mode).toBe(word);
  });

  it('that is disabled stays so, and nothing of it is due', () => {
    expect(adopted({ f_enabled: 0 }).job).toMatchObject({ enabled: false, nextSlotAt: null });
  });

  it.each([null, 0, -5, 99_999_999_999_999])('whose times are %p has none', (time) => {
    expect(adopted({ f_create_time: time, f_update_time: time }).job).toMatchObject({
      createdAt: 0,
      updatedAt: 0,
    });
  });

  it('says which of its times was no time', () => {
    expect(adopted({ f_create_time: -5, f_update_time: 0 }).notices).toEqual([
      'f_create_time is no time: unset',
    ]);
  });

  it('may lack tenant and remarks', () => {
    expect(adopted({ f_tenant_id: null, f_remarks: null }).job).toMatchObject({ tenantId: '', remarks: '' });
  });
});

describe('the context of an adopted job', () => {
  it('is completed where members are missing, and rid of those that nobody reads', () => {
    const { job } = adopted({ f_job_context: '{"mode":"exe","exec":"backup","created_at":"x"}' });
    expect(job.context).toEqual({
      mode: 'exe',
      exec: 'backup',
      info: { method: '', params: null, headers: null, body: null, kubernetes: null },
      notify: { webhook: '' },
      begin_at: '',
      end_at: '',
      execute_id: '',
    });
  });

  it('loses the headers that would break each request, and says so without their values', () => {
    const headers = {
      Host: 'secret',
      'content-length': '1',
      'bad name': 'secret',
      'X-Ok': 'v',
      'X-Bad': 'a\nb',
    };
    const { job, notices } = adopted(withInfo({ headers }));
    expect(job.context.info.headers).toEqual({ 'X-Ok': 'v' });
    expect(notices).toHaveLength(4);
    expect(notices[0]).toBe('header "Host" dropped: is set by the connection, a job cannot set it');
    expect(notices.join()).not.toContain('secret');
  });

  it('keeps all headers where no HTTP request of ours carries them', () => {
    const info = { ...CONTEXT.info, headers: { Host: 'h' } };
    expect(adopted(withContext({ mode: 'exe', info })).job.context.info.headers).toEqual({ Host: 'h' });
  });

  it('keeps a method and a target that nobody would be let save today', () => {
    const { context } = adopted(withContext({ exec: 'junk', info: { method: 'FETCH' } })).job;
    expect([context.exec, context.info.method]).toEqual(['junk', 'FETCH']);
  });

  it('bounds the schedule by its window', () => {
    const window = { begin_at: '2027-01-01T00:00:00+08:00', end_at: '2027-01-31T00:00:00+08:00' };
    expect(adopted(withContext(window)).job).toMatchObject({
      beginAt: Date.parse(window.begin_at),
      endAt: Date.parse(window.end_at),
      nextSlotAt: Date.parse('2027-01-01T09:00:00+08:00'),
    });
  });

  it('is not bounded by what is no time, which it keeps as it was written', () => {
    const { job, notices } = adopted(withContext({ begin_at: 'soon', end_at: '1970-01-01T00:00:00Z' }));
    expect([job.beginAt, job.endAt, job.context.begin_at]).toEqual([null, null, 'soon']);
    expect(notices).toHaveLength(2);
  });
});

describe('an odd schedule of an adopted job', () => {
  it.each([
    ['0 0 0 30 2 ?', null],
    [', 0 0 * * *', null],
    ['0 1,2,,3 * * * *', '2026-11-24T09:01:00Z'],
    ['0 */61 * * * *', '2026-11-24T10:00:00Z'],
    ['  0 5 * * * *  ', '2026-11-24T09:05:00Z'],
    ['CRON_TZ=UTC 0 0 12 * * *', '2026-11-24T12:00:00Z'],
    ['@daily', '2026-11-24T16:00:00Z'],
    ['@every 0s', '2026-11-24T09:00:31Z'],
    ['@every -1h', '2026-11-24T09:00:31Z'],
    ['@every 500ms', '2026-11-24T09:00:31Z'],
    ['@every 1h1h', '2026-11-24T11:00:30Z'],
  ])('%p does what it did there', (f_job_cron_time, next) => {
    const { job } = adopted({ f_job_cron_time });
    expect(job.nextSlotAt).toBe(next === null ? null : Date.parse(next));
    expect([job.enabled, job.schedule]).toEqual([true, f_job_cron_time]);
  });

  it.each([
    '',
    '0 9 * * *',
    '0 0 9 * * * 2027',
    '1 2 3 4 5 6 7 8 9',
    '@reboot',
    '2027-01-01T00:00:00Z',
    '0 0 9 L * ?',
  ])('%p never ran there, and stays behind', (f_job_cron_time) => {
    expect(adopt({ f_job_cron_time, f_job_type: 1 })).toMatchObject({
      kind: 'refused',
      reason: 'bad schedule',
    });
  });

  it('is read once for all jobs that have it, and again for each with a window of its own', () => {
    const schedules = new LegacySchedules(ZONE, NOW);
    const open = { beginAt: null, endAt: null };
    const late = { beginAt: NOW + 86_400_000, endAt: null };
    const slots = [open, late, open].map((window) => schedules.first('@daily', window));
    expect(slots.map((s) => s.kind === 'read' && s.slotAt)).toEqual([
      Date.parse('2026-11-25T00:00:00+08:00'),
      Date.parse('2026-11-26T00:00:00+08:00'),
      Date.parse('2026-11-25T00:00:00+08:00'),
    ]);
  });
});

describe('a job that cannot be adopted', () => {
  it.each<[string, Partial<LegacyJobRow>, string]>([
    ['without an id', { f_job_id: '' }, 'no id'],
    ['without a name', { f_job_name: null }, 'no name'],
    ['of an unknown type', { f_job_type: 9 }, 'unknown type'],
    ['with a name too long', { f_job_name: '好'.repeat(65) }, 'too long'],
    ['with broken JSON', { f_job_context: '{"mode":"http","exec":"s3cret' }, 'bad context'],
    ['without a context', { f_job_context: null }, 'bad context'],
    ['with a list for a context', { f_job_context: '[]' }, 'bad context'],
    ['too deep to be written again', { f_job_context: DEEP }, 'bad context'],
    ['of an unknown mode', withContext({ mode: 'constructor' }), 'unknown mode'],
    ['with a body that is a list', withInfo({ body: [1] }), 'bad context'],
    ['with a header that is a number', withInfo({ headers: { a: 1 } }), 'bad context'],
  ])('%s is refused, and its values are not repeated', (_, own, reason) => {
    const result = adopt(own);
    expect(result).toMatchObject({ kind: 'refused', reason });
    expect(JSON.stringify(result)).not.toContain('s3cret');
  });

  it('is no one with a name of 64 characters of any kind', () => {
    expect(adopted({ f_job_name: '😀'.repeat(64) }).job.name).toBe('😀'.repeat(64));
  });
});
