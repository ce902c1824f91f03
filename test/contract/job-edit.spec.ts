import { jobBody, uniqueName, type JobBody } from '../support/jobs.js';
import { namedField, refusalOf, refused, UNKNOWN_ID, unknownJob } from '../support/refusals.js';
import { useRig } from '../support/rig.js';

const NEVER_CALLED = 'http://127.0.0.1:1/never-called';

const rig = useRig();
const job = (over: JobBody = {}, context: JobBody = {}) => jobBody(NEVER_CALLED, over, context);
const refusal = (method: string, path: string, body?: unknown) => refusalOf(rig.api, method, path, body);

describe('PUT /job/:job_id', () => {
  it('replaces the job and answers 200 with an empty body', async () => {
    const id = await rig.api.create(job({ remarks: 'old', enabled: true }));
    const before = await rig.api.job(id);
    const name = uniqueName('edited');
    const answer = await rig.api.call(
      'PUT',
      `/job/${id}`,
      job({ job_name: name, job_cron_time: '0 0 9 * * ?', tenant_id: 'x' }),
    );
    expect([answer.status, answer.text]).toEqual([200, '']);
    expect(await rig.api.job(id)).toMatchObject({
      job_id: id,
      job_name: name,
      job_cron_time: '0 0 9 * * ?',
      enabled: false,
      remarks: '',
      tenant_id: before.tenant_id,
      created_at: before.created_at,
    });
  });

  it('keeps the members old clients do not know when they are left out, and resets them by null', async () => {
    const added = { time_zone: 'Asia/Tokyo' };
    const policy = { timeout_s: 7, retry: { max_attempts: 5 } };
    const name = uniqueName();
    const id = await rig.api.create(job({ job_name: name, ...added }, { policy }));
    await rig.api.must(200, 'PUT', `/job/${id}`, job({ job_name: name }));
    const kept = await rig.api.job(id);
    expect(kept).toMatchObject(added);
    expect(kept.job_context.policy).toMatchObject(policy);
    await rig.api.must(200, 'PUT', `/job/${id}`, job({ job_name: name, time_zone: null }, { policy: null }));
    const reset = await rig.api.job(id);
    expect(reset.time_zone).toBe('UTC');
    expect(reset.job_context.policy).toMatchObject({ timeout_s: 60, retry: { max_attempts: 3 } });
  });

  it('takes back what GET answered', async () => {
    const id = await rig.api.create(job());
    const shown = await rig.api.job(id);
    await rig.api.must(200, 'PUT', `/job/${id}`, shown);
    expect({ ...(await rig.api.job(id)), updated_at: '' }).toEqual({ ...shown, updated_at: '' });
  });

  it.each<[string, JobBody, JobBody, string]>([
    ['an empty name', { job_name: '' }, {}, 'job_name'],
    ['a bad time', {}, { begin_at: 'x' }, 'begin_at'],
    ['a bad mode', {}, { mode: 'ftp' }, 'mode'],
    ['a bad cron text', { job_cron_time: 'x' }, {}, 'job_cron_time'],
    ['a bad type', { job_type: 'daily' }, {}, 'job_type'],
    ['a bad method', {}, { info: { method: 'FETCH' } }, 'job_context.info.method'],
    ['long remarks', { remarks: 'x'.repeat(257) }, {}, 'remarks'],
    ['an unknown zone', { time_zone: 'Mars/Olympus' }, {}, 'time_zone'],
  ])('refuses %s like POST, and changes nothing', async (_, over, context, field) => {
    const before = await rig.api.job(await rig.api.create(job()));
    expect(namedField(await refusal('PUT', `/job/${before.job_id}`, job(over, context)))).toBe(field);
    expect(await rig.api.job(before.job_id)).toEqual(before);
  });

  it('answers 404 for an unknown id and for a list of ids', async () => {
    const ids = await Promise.all([rig.api.create(job()), rig.api.create(job())]);
    expect(await refusal('PUT', `/job/${UNKNOWN_ID}`, job())).toEqual(unknownJob());
    expect(await refusal('PUT', `/job/${ids.join(',')}`, job())).toEqual(unknownJob());
  });

  it('answers 409 for the name of another job', async () => {
    const name = uniqueName();
    await rig.api.create(job({ job_name: name }));
    const other = await rig.api.create(job());
    const answer = await refusal('PUT', `/job/${other}`, job({ job_name: name }));
    expect(answer).toEqual(refused(409009001, 'Job name already exists', { conflicts: ['job_name'] }));
  });
});

describe('DELETE /job/:ids', () => {
  it('answers 200 for unknown ids, and deletes the known ones of a mixed list', async () => {
    const [first, second] = [await rig.api.create(job()), await rig.api.create(job())];
    const answer = await rig.api.call('DELETE', `/job/${first},${UNKNOWN_ID},${second}`);
    expect([answer.status, answer.text]).toEqual([200, '']);
    for (const id of [first, second]) expect(await refusal('GET', `/job?job_id=${id}`)).toEqual(unknownJob());
  });

  it('frees the name', async () => {
    const name = uniqueName();
    await rig.api.must(200, 'DELETE', `/job/${await rig.api.create(job({ job_name: name }))}`);
    await rig.api.create(job({ job_name: name }));
  });

  it('hides the executions of the deleted job', async () => {
    const id = await rig.api.create(job({ job_type: 'real-time' }, { exec: `${rig.target.url}/ok` }));
    const { execute_id } = await rig.api.run({ job_id: id });
    expect(await rig.api.statuses('job_type=real-time')).toHaveLength(1);
    await rig.api.must(200, 'DELETE', `/job/${id}`);
    expect(await rig.api.statuses('job_type=real-time')).toEqual([]);
    expect(await refusal('GET', `/jobstatus?job_id=${id}`)).toEqual(unknownJob());
    expect(await rig.api.executions('')).toEqual([]);
    expect((await refusal('GET', `/execution/${execute_id}`)).status).toBe(404);
  });
});

describe('more than a thousand ids in one call', () => {
  it.each(['DELETE', 'PUT'])('are refused by %s, and nothing happens to any of the jobs', async (method) => {
    const id = await rig.api.create(job({ enabled: true }));
    const ids = [id, ...Array.from({ length: 1_000 }, (_, n) => `x${n}`)].join(',');
    const [path, body] = method === 'PUT' ? [`/job/${ids}/enable`, { enable: false }] : [`/job/${ids}`];
    expect(namedField(await refusal(method, path, body))).toBe('job_id');
    expect((await rig.api.job(id)).enabled).toBe(true);
  });
});

describe('PUT /job/:ids/enable', () => {
  it('enables and disables a list of jobs', async () => {
    const ids = [await rig.api.create(job()), await rig.api.create(job())];
    for (const enable of [true, false]) {
      const answer = await rig.api.call('PUT', `/job/${ids.join(',')}/enable`, { enable });
      expect([answer.status, answer.text]).toEqual([200, '']);
      for (const id of ids) expect((await rig.api.job(id)).enabled).toBe(enable);
    }
  });

  it.each([{}, null, { enable: 'true' }, { enable: 1 }, { enable: null }, [true]])(
    'refuses the body %j',
    async (body) => {
      const id = await rig.api.create(job());
      expect(await refusal('PUT', `/job/${id}/enable`, body)).toMatchObject({ status: 400, code: 400009001 });
      expect((await rig.api.job(id)).enabled).toBe(false);
    },
  );

  it.each(['', '{"enable":', 'true'])('refuses the text %p', async (raw) => {
    const path = `/job/${await rig.api.create(job())}/enable`;
    const answer = await rig.api.send('PUT', path, raw, { 'content-type': 'application/json' });
    expect([answer.status, answer.json.code]).toEqual([400, 400009001]);
  });

  it('changes nothing where one id is unknown', async () => {
    const id = await rig.api.create(job());
    expect(await refusal('PUT', `/job/${id},${UNKNOWN_ID}/enable`, { enable: true })).toEqual(unknownJob());
    expect((await rig.api.job(id)).enabled).toBe(false);
  });
});

describe('PUT /job/:ids/notify', () => {
  it('sets the webhook of a list of jobs, and clears it when it is left out or empty', async () => {
    const ids = [await rig.api.create(job()), await rig.api.create(job())];
    for (const body of [
      { webhook: 'https://a.example/x' },
      {},
      { webhook: 'https://a.example/y' },
      { webhook: '' },
    ]) {
      expect(await rig.api.must(200, 'PUT', `/job/${ids.join(',')}/notify`, body)).toEqual({
        failed_job_id: [],
      });
      for (const id of ids)
        expect((await rig.api.job(id)).job_context.notify.webhook).toBe(body.webhook ?? '');
    }
  });

  it.each([[[]], [{ webhook: 7 }], ['https://a.example']])('refuses the body %j', async (body) => {
    const path = `/job/${await rig.api.create(job())}/notify`;
    expect(await refusal('PUT', path, body)).toMatchObject({ status: 400, code: 400009001 });
  });

  it('answers 404 where one id is unknown', async () => {
    const id = await rig.api.create(job());
    expect(await refusal('PUT', `/job/${id},${UNKNOWN_ID}/notify`, { webhook: 'https://a.example' })).toEqual(
      unknownJob(),
    );
    expect((await rig.api.job(id)).job_context.notify.webhook).toBe('');
  });
});
