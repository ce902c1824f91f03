import { describeWith } from '@ecron/testing';
import { storedCompletion } from '@ecron/persistence';
import { ADOPTED_AT, LegacyDatabase, OLD_ZONE } from './legacy-database.js';

describeWith('mariadb', 'the adoption of an old database', (endpoint) => {
  let old: LegacyDatabase;
  beforeEach(async () => {
    old = await LegacyDatabase.create(endpoint);
  });
  afterEach(() => old.close());

  const at = (text: string): number => Date.parse(text);
  const shared = { time_zone: OLD_ZONE, policy: '{"completion":"callback","dst":"robfig"}', version: 1 };
  const newYear = at('2027-01-01T00:00:00+08:00');

  it('makes one of ours of each job, row by row', async () => {
    await old.adopt();
    const found = await old.rows(
      `SELECT job_id, tenant_id, name, type, mode, schedule, enabled, next_slot_at, time_zone, policy, version
       FROM ecron_job ORDER BY created_at, job_id`,
    );
    const job = (job_id: string, name: string, schedule: string, next: number | null, own: object = {}) => ({
      ...{ job_id, tenant_id: 'tenant-a', name, type: 'scheduled', mode: 'http', schedule, enabled: 1 },
      ...{ next_slot_at: next, ...shared, ...own },
    });
    expect(found).toEqual([
      job('admin', 'of an admin', '0 0 0 1 1 ?', newYear, { tenant_id: '', type: 'real-time' }),
      job('command', 'backup', '0 0 0 1 1 ?', newYear, { tenant_id: 'tenant-b', mode: 'exe' }),
      job('disabled', 'off', '0 * * * * *', null, { enabled: 0 }),
      job('every', 'every minus one hour', '@every -1h', at('2026-11-24T09:00:31Z')),
      job('headers', 'framing headers', '0 0 0 1 1 ?', newYear, { mode: 'https' }),
      job('list', 'empty item', '0 1,2,,3 * * * *', at('2026-11-24T09:01:00Z')),
      job('long', 'long context', '0 0 0 1 1 ?', newYear),
      job('namesake', 'twin', '0 0 0 1 1 ?', newYear, { tenant_id: 'tenant-b' }),
      job('never', '30 February', '0 0 0 30 2 ?', null),
      job('plain', 'nightly report', '0 0 9 * * 1-5', at('2026-11-25T09:00:00+08:00')),
      job('quotes', 'O\'Brien "and" \\ ; -- 好😀', '*/5 * * * * *', at('2026-11-24T09:00:35Z')),
      job('step', 'step beyond the hour', '  0 */61 * * * * ', at('2026-11-24T10:00:00Z')),
      job('twin', 'twin', '0 0 0 1 1 ?', newYear),
      job('window', 'bounded', '@daily', at('2027-01-02T00:00:00+08:00'), { type: 'timed' }),
      job('late', 'behind a gap of keys', '0 0 0 1 1 ?', null, { enabled: 0 }),
    ]);
  });

  it('keeps contexts, remarks and times of jobs', async () => {
    await old.adopt();
    const [plain] = await old.rows(`SELECT * FROM ecron_job WHERE job_id = 'plain'`);
    const context = JSON.parse(String(plain?.['context'])) as unknown;
    expect(context).toEqual({
      mode: 'http',
      exec: 'http://target.test/run?x=<1>&y',
      info: {
        method: 'PUT',
        params: { a: 'b' },
        headers: { 'X-A': 'b' },
        body: { n: 12.5, t: '好' },
        kubernetes: null,
      },
      notify: { webhook: 'http://hook.test' },
      begin_at: '',
      end_at: '',
      execute_id: '',
    });
    expect(plain).toMatchObject({
      remarks: 'a remark',
      created_at: 1_600_000_000_000,
      updated_at: 1_600_000_060_000,
    });
    const [long] = await old.rows(`SELECT CHAR_LENGTH(context) AS size FROM ecron_job WHERE job_id = 'long'`);
    expect(long?.['size']).toBeGreaterThan(10_000);
  });

  it('begins the history of each job with the adoption', async () => {
    await old.adopt();
    const versions = await old.rows(
      `SELECT j.job_id FROM ecron_job j JOIN ecron_job_version v ON v.job_id = j.job_id AND v.version = 1
       AND v.schedule = j.schedule AND v.dst = 'robfig' AND v.enabled = j.enabled AND v.tenant_id = j.tenant_id
       AND v.time_zone = j.time_zone AND v.valid_from = ${ADOPTED_AT} AND v.valid_to IS NULL`,
    );
    expect(versions).toHaveLength(15);
  });

  it('makes one of ours of each run, row by row', async () => {
    await old.adopt();
    const found = await old.rows(
      `SELECT execute_id, job_id, tenant_id, job_version, state, reason, begun_at, ended_at, due_at, attempt,
         trigger_kind, slot_at, holder FROM ecron_execution ORDER BY nominal_at, execute_id`,
    );
    const run = (execute_id: string, job_id: string, state: string, begun: string, end: string | null) => ({
      ...{
        execute_id,
        job_id,
        tenant_id: 'tenant-a',
        job_version: 1,
        state,
        reason: '',
        begun_at: at(begun),
      },
      ...{ ended_at: end === null ? null : at(end), due_at: null, attempt: 1 },
      ...{ trigger_kind: 'external', slot_at: null, holder: '' },
    });
    const now = new Date(ADOPTED_AT).toISOString();
    const theirs = { tenant_id: 'tenant-b' };
    expect(found).toEqual([
      { ...run('zero', 'quotes', 'succeeded', '', null), begun_at: null, attempt: 0 },
      { ...run('stale', 'list', 'interrupted', '2026-11-21T09:00:00Z', now), reason: 'no word' },
      {
        ...run('abandon', 'plain', 'abandoned', '2026-11-22T09:00:00Z', '2026-11-22T09:00:01Z'),
        attempt: 3,
      },
      { ...run('failure', 'command', 'failed', '2026-11-22T09:00:00Z', null), ...theirs },
      {
        ...run('interrupt', 'command', 'interrupted', '2026-11-22T09:00:00Z', '2026-11-22T09:00:05Z'),
        ...theirs,
      },
      {
        ...run('left', 'broken', 'succeeded', '2026-11-23T09:00:00Z', '2026-11-23T09:00:01Z'),
        job_version: 0,
      },
      run('marked', 'gone', 'succeeded', '2026-11-23T09:00:00Z', '2026-11-23T09:00:00Z'),
      run('silent', 'quotes', 'succeeded', '2026-11-23T09:00:00Z', '2026-11-23T09:00:01Z'),
      run('success', 'plain', 'succeeded', '2026-11-23T09:00:00Z', '2026-11-23T09:01:00Z'),
      run('cut-off', 'quotes', 'succeeded', '2026-11-23T09:00:10Z', '2026-11-23T09:00:11Z'),
      {
        ...run('overdue', 'quotes', 'accepted', '2026-11-24T06:00:00Z', null),
        due_at: ADOPTED_AT + 3_600_000,
      },
      {
        ...run('fresh', 'plain', 'accepted', '2026-11-24T08:40:00Z', null),
        due_at: at('2026-11-24T09:40:00Z'),
      },
      {
        ...run('child', 'command', 'interrupted', '2026-11-24T08:58:20Z', now),
        ...theirs,
        reason: 'node lost',
      },
      {
        ...run('orphan', 'gone', 'interrupted', '2026-11-24T08:58:20Z', now),
        job_version: 0,
        reason: 'job deleted',
      },
    ]);
    expect(await old.rows('SELECT * FROM ecron_job_active')).toEqual([
      { job_id: 'plain', execute_id: 'fresh' },
    ]);
  });

  it('lists what stays behind, with the reason and without values', async () => {
    const report = await old.adopt();
    expect(report?.jobs.refusals.map(({ key_id, id, reason }) => [key_id, id, reason])).toEqual([
      [12, 'broken', 'bad context'],
      [13, 'nine', 'bad schedule'],
      [14, '', 'no id'],
      [15, 'type', 'unknown type'],
      [16, 'mode', 'unknown mode'],
      [21, 'five', 'bad schedule'],
      [19, 'other-twin', 'name taken'],
    ]);
    expect(report?.statuses.refusals.map(({ key_id, reason }) => [key_id, reason])).toEqual([
      [14, 'unknown status'],
      [15, 'reserved id'],
      [16, 'marked deleted'],
    ]);
    expect(report).toMatchObject({
      rows: 39,
      jobs: { adopted: 15, refused: 7, reasons: { 'bad schedule': 2, 'name taken': 1 }, noticed: 3 },
      statuses: { adopted: 14, refused: 3, noticed: 2 },
    });
    expect(JSON.stringify(report) + old.lines.join()).not.toContain('s3cret');
  });

  it('says in the log what it found, how far it got, what stays behind and what was left out', async () => {
    await old.adopt();
    expect(old.lines[0]).toContain(`in the time zone ${OLD_ZONE}`);
    expect(old.lines).toEqual(
      expect.arrayContaining([
        'adopted 15 of 22 rows of t_cron_job, 7 stay behind',
        'adopted 14 of 17 rows of t_cron_job_status, 3 stay behind',
        't_cron_job row 12 (broken) stays behind: bad context: job_context is no JSON object',
        't_cron_job row 8 (headers): header "Host" dropped: is set by the connection, a job cannot set it',
        't_cron_job_status row 12 (cut-off): f_executor is no JSON: left out',
      ]),
    );
  });

  it('makes callbacks the rule of the deployment', async () => {
    expect(await storedCompletion(old.database)).toBeNull();
    await old.adopt();
    expect(await storedCompletion(old.database)).toBe('callback');
  });

  it('only reads the old tables', async () => {
    const checksum = 'CHECKSUM TABLE t_cron_job, t_cron_job_status';
    const before = await old.rows(checksum);
    await old.adopt();
    expect(await old.rows(checksum)).toEqual(before);
  });

  it('changes nothing the second time, whenever that is', async () => {
    await old.adopt();
    const before = await old.dump();
    old.lines.length = 0;
    const report = await old.adopt({ now: ADOPTED_AT + 86_400_000, zone: 'UTC' });
    expect(await old.dump()).toEqual(before);
    expect(report).toMatchObject({ rows: 0, jobs: { adopted: 15, refused: 7 } });
    expect(old.lines).toEqual([]);
  });

  it.each([1, 4, 7, 8, 11])('that was cut after batch %p is completed by the next', async (batches) => {
    const whole = await LegacyDatabase.create(endpoint);
    try {
      await whole.adopt({ rowsPerBatch: 3 });
      let left = batches;
      const progress = (): void => {
        if (--left === 0) throw new Error('killed');
      };
      await expect(old.adopt({ rowsPerBatch: 3, progress })).rejects.toThrow('killed');
      await old.adopt({ rowsPerBatch: 3 });
      expect(await old.dump()).toEqual(await whole.dump());
    } finally {
      await whole.close();
    }
  });

  it('by two services at once is the same as by one', async () => {
    const one = await LegacyDatabase.create(endpoint);
    try {
      await one.adopt({ rowsPerBatch: 2 });
      await Promise.all([old.adopt({ rowsPerBatch: 2 }), old.adopt({ rowsPerBatch: 2 }, old.other)]);
      expect(await old.dump()).toEqual(await one.dump());
    } finally {
      await one.close();
    }
  });

  it('takes what was added to the old tables since, and brings back nothing that was deleted here', async () => {
    await old.adopt();
    await old.execute(
      `DELETE FROM ecron_job WHERE job_id IN ('plain', 'list')`,
      `DELETE FROM ecron_execution WHERE execute_id = 'success'`,
      `UPDATE ecron_job SET name = 'renamed' WHERE job_id = 'quotes'`,
      `INSERT INTO t_cron_job SELECT 901, 'added', 'added', f_job_cron_time, f_job_type, f_job_context,
         f_tenant_id, 1, '', 1, 1 FROM t_cron_job WHERE f_key_id = 2`,
      `UPDATE t_cron_job SET f_key_id = 902 WHERE f_job_id = 'list'`,
      `INSERT INTO t_cron_job_status SELECT 902, 'added', f_job_id, f_job_type, f_job_name, 2, 1795510800, 0,
         '[]', 1, f_ext_info FROM t_cron_job_status WHERE f_key_id = 1`,
    );
    const report = await old.adopt();
    expect(report).toMatchObject({ rows: 3, jobs: { adopted: 16, known: 1 }, statuses: { adopted: 15 } });
    const jobs = await old.rows('SELECT job_id, name FROM ecron_job');
    const names = new Map(jobs.map(({ job_id, name }) => [job_id, name]));
    expect([names.has('plain'), names.has('list'), names.get('added'), names.get('quotes')]).toEqual([
      false,
      false,
      'added',
      'renamed',
    ]);
    expect(
      await old.rows(`SELECT state, reason, job_version FROM ecron_execution WHERE execute_id = 'added'`),
    ).toEqual([{ state: 'interrupted', reason: 'job deleted', job_version: 1 }]);
    expect(await old.rows(`SELECT 1 FROM ecron_execution WHERE execute_id = 'success'`)).toEqual([]);
  });
});

describeWith('mariadb', 'a database without old tables', (endpoint) => {
  it('has nothing to adopt, and stays as it is', async () => {
    const fresh = await LegacyDatabase.create(endpoint, []);
    try {
      const before = await fresh.dump();
      expect(await fresh.adopt()).toBeNull();
      expect(await fresh.dump()).toEqual(before);
      expect(fresh.lines).toEqual([]);
    } finally {
      await fresh.close();
    }
  });
});
