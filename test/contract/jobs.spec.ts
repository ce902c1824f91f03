import { everySecond, jobBody, uniqueName, YEARLY, type JobBody } from '../support/jobs.js';
import { useRig } from '../support/rig.js';
import { type ErrorBody, type JobView } from '../support/shapes.js';

const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const URL = 'http://127.0.0.1:1/never-called';

const rig = useRig();
const job = (over: JobBody = {}, context: JobBody = {}) => jobBody(URL, over, context);
const encoded = encodeURIComponent;

async function refusal(
  method: string,
  path: string,
  body?: unknown,
): Promise<ErrorBody & { status: number }> {
  const answer = await rig.api.call(method, path, body);
  return { status: answer.status, ...answer.json };
}

function error(code: number, cause: string, detail: ErrorBody['detail']) {
  return expect.objectContaining({ status: Math.floor(code / 1_000_000), code, cause, detail }) as unknown;
}
const bad = (cause: string, ...parameters: string[]) => error(400009001, cause, { parameters });
const unknownJob = error(404009001, 'This job does not exist', { conflicts: ['job_id'] });

describe('POST /job', () => {
  it('answers 201 with the id alone, and sets what belongs to the server', async () => {
    const mine = { job_id: 'mine', tenant_id: 'mine', created_at: 'junk', updated_at: 'junk' };
    const answer = await rig.api.call<{ job_id: string }>('POST', '/job', job(mine));
    expect(answer.status).toBe(201);
    expect(Object.keys(answer.json)).toEqual(['job_id']);
    expect(answer.json.job_id).toMatch(UUID);
    const stored = await rig.api.job(answer.json.job_id);
    expect(stored.tenant_id).toBe('mock-client-id');
    expect(stored.created_at).toMatch(RFC3339);
    expect(stored.updated_at).toBe(stored.created_at);
  });

  it('shows every member, in the old order, with null and "" for what is unset', async () => {
    const stored = await rig.api.job(await rig.api.create(job()));
    expect(Object.keys(stored).slice(0, 10)).toEqual(
      'job_id job_name job_cron_time job_type job_context tenant_id enabled remarks created_at updated_at'.split(
        ' ',
      ),
    );
    const context = 'mode exec info notify begin_at end_at execute_id'.split(' ');
    expect(Object.keys(stored.job_context).slice(0, 7)).toEqual(context);
    expect(stored.job_context.info).toEqual({
      method: '',
      params: null,
      headers: null,
      body: null,
      kubernetes: null,
    });
    expect(stored.job_context).toMatchObject({
      notify: { webhook: '' },
      begin_at: '',
      end_at: '',
      execute_id: '',
    });
    expect(stored).toMatchObject({
      enabled: false,
      remarks: '',
      job_type: 'scheduled',
      job_cron_time: YEARLY,
    });
  });

  it.each([null, undefined])('takes enabled and remarks of %s as false and ""', async (unset) => {
    const stored = await rig.api.job(await rig.api.create(job({ enabled: unset, remarks: unset })));
    expect([stored.enabled, stored.remarks]).toEqual([false, '']);
  });

  it('keeps begin_at, end_at and execute_id as they were sent', async () => {
    const sent = {
      begin_at: '2030-01-01T00:00:00.5+08:00',
      end_at: '2031-01-01T00:00:00Z',
      execute_id: 'kept',
    };
    const stored = await rig.api.job(await rig.api.create(job({}, sent)));
    expect(stored.job_context).toMatchObject(sent);
  });

  it('tolerates unknown members that older clients send', async () => {
    const old = { created_at: '', updated_at: '', key_id: 7 };
    expect((await rig.api.call('POST', '/job', job(old, old))).status).toBe(201);
  });

  it.each(['timed', 'scheduled', 'real-time'])('stores the type %s', async (type) => {
    expect((await rig.api.job(await rig.api.create(job({ job_type: type })))).job_type).toBe(type);
  });

  it('takes the type cron as scheduled', async () => {
    expect((await rig.api.job(await rig.api.create(job({ job_type: 'cron' })))).job_type).toBe('scheduled');
  });

  it.each(['http', 'https', 'exe'])('stores the mode %s', async (mode) => {
    expect((await rig.api.job(await rig.api.create(job({}, { mode })))).job_context.mode).toBe(mode);
  });

  it.each([
    ['of 64 characters that are no bytes', () => '名'.repeat(58) + uniqueName().slice(-6)],
    ['of one emoji', () => `😀${uniqueName()}`],
    ['with words and signs once refused as injection', () => `a and b or c=#;'"-- ${uniqueName()}`],
    ['of one blank', () => ' '],
  ])('takes a name %s, and gives it back', async (_, name) => {
    const given = name();
    const stored = await rig.api.job(
      await rig.api.create(job({ job_name: given, remarks: `${given}' or 1=1 --`.slice(0, 256) })),
    );
    expect(stored.job_name).toBe(given);
  });

  it('tells names apart by case, but not by trailing blanks', async () => {
    const name = uniqueName('case');
    await rig.api.create(job({ job_name: name }));
    await rig.api.create(job({ job_name: name.toUpperCase() }));
    const conflict = error(409009001, 'Job name already exists', { conflicts: ['job_name'] });
    expect(await refusal('POST', '/job', job({ job_name: name }))).toEqual(conflict);
    expect(await refusal('POST', '/job', job({ job_name: `${name} ` }))).toEqual(conflict);
  });

  it.each<[string, JobBody, JobBody, unknown]>([
    ['an empty name', { job_name: '' }, {}, bad('Job name is empty', 'job_name')],
    ['no name', { job_name: undefined }, {}, bad('Job name is empty', 'job_name')],
    ['an unknown mode', {}, { mode: 'ftp' }, bad('Unsupported execution mode', 'mode')],
    ['no mode', {}, { mode: undefined }, bad('Unsupported execution mode', 'mode')],
    ['an unknown type', { job_type: 'daily' }, {}, bad('Illegal job type', 'job_type')],
    ['no type', { job_type: undefined }, {}, bad('Illegal job type', 'job_type')],
    ['a begin that is no time', {}, { begin_at: 'soon' }, bad('Illegal time ', 'begin_at')],
    ['an end that is no time', {}, { end_at: '2030-01-01' }, bad('Illegal time ', 'end_at')],
    ['two bad times', {}, { begin_at: 'x', end_at: 'x' }, bad('Illegal time ', 'begin_at')],
    ['a begin in lower case', {}, { begin_at: '2030-01-01t00:00:00z' }, bad('Illegal time ', 'begin_at')],
    [
      'a begin after the end',
      {},
      { begin_at: '2031-01-01T00:00:00Z', end_at: '2030-01-01T00:00:00Z' },
      bad('End time is earlier than start time', 'begin_at', 'end_at'),
    ],
  ])('refuses %s', async (_, over, context, expected) => {
    expect(await refusal('POST', '/job', job(over, context))).toEqual(expected);
  });

  it('takes null as a job without a name', async () => {
    expect(await refusal('POST', '/job', null)).toEqual(bad('Job name is empty', 'job_name'));
  });

  it.each<[string, JobBody, JobBody, string]>([
    ['a name of 65 characters', { job_name: 'x'.repeat(65) }, {}, 'job_name'],
    ['remarks of 257 characters', { remarks: 'x'.repeat(257) }, {}, 'remarks'],
    [
      'a cron text over 128 characters',
      { job_cron_time: `0 ${'0,'.repeat(60)}0 0 1 1 ?` },
      {},
      'job_cron_time',
    ],
    ['a context over 10 240 bytes', {}, { info: { body: { text: '汉'.repeat(3500) } } }, 'job_context'],
    ['an unknown method', {}, { info: { method: 'FETCH' } }, 'job_context.info.method'],
    ['an empty exec', {}, { exec: '' }, 'job_context.exec'],
    ['no exec', {}, { exec: undefined }, 'job_context.exec'],
    ['an exec that is no URL', {}, { exec: 'not a url' }, 'job_context.exec'],
    ['an exec of another scheme', {}, { exec: 'ftp://127.0.0.1/' }, 'job_context.exec'],
    ['enabled that is no boolean', { enabled: 'yes' }, {}, 'enabled'],
    ['a name that is no text', { job_name: 7 }, {}, 'job_name'],
    ['a body that is a list', {}, { info: { body: [] } }, 'job_context.info.body'],
    ['a body that is a text', {}, { info: { body: 'x' } }, 'job_context.info.body'],
    ['an unknown zone', { time_zone: 'Mars/Olympus' }, {}, 'time_zone'],
    ['labels that are no texts', { labels: { a: 1 } }, {}, 'labels'],
    [
      '17 labels',
      { labels: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`l${i}`, 'x'])) },
      {},
      'labels',
    ],
    ['an unknown completion', {}, { policy: { completion: 'never' } }, 'job_context.policy.completion'],
    [
      'no attempts at all',
      {},
      { policy: { retry: { max_attempts: 0 } } },
      'job_context.policy.retry.max_attempts',
    ],
    ['a negative time-out', {}, { policy: { timeout_s: -1 } }, 'job_context.policy.timeout_s'],
    ['a header that is no text', {}, { info: { headers: { a: 1 } } }, 'job_context.info.headers'],
    ['a framing header', {}, { info: { headers: { Host: 'x' } } }, 'job_context.info.headers'],
    ['a length header', {}, { info: { headers: { 'Content-Length': '1' } } }, 'job_context.info.headers'],
    ['a hop-by-hop header', {}, { info: { headers: { connection: 'close' } } }, 'job_context.info.headers'],
  ])('refuses %s, naming the field', async (_, over, context, field) => {
    const answer = await refusal('POST', '/job', job(over, context));
    expect([answer.status, answer.code]).toEqual([400, 400009001]);
    expect(answer.detail?.parameters).toHaveLength(1);
    expect(answer.detail?.parameters?.[0]).toMatch(new RegExp(`^${field.replaceAll('.', '\\.')}(\\.|$)`));
  });

  it.each(['get', 'Post', 'PUT', 'delete', 'PATCH', 'head', ''])('takes the method %p', async (method) => {
    expect((await rig.api.call('POST', '/job', job({}, { info: { method } }))).status).toBe(201);
  });

  it('leaves nothing behind of a refused job', async () => {
    const name = uniqueName('refused');
    await refusal('POST', '/job', job({ job_name: name, job_type: 'daily' }));
    await rig.api.create(job({ job_name: name }));
  });
});

describe('the order of checks', () => {
  const faults: [string, JobBody, JobBody, string][] = [
    ['name', { job_name: '' }, {}, 'job_name'],
    ['begin_at', {}, { begin_at: 'x' }, 'begin_at'],
    ['end_at', {}, { end_at: 'x' }, 'end_at'],
    ['mode', {}, { mode: 'x' }, 'mode'],
    ['cron', { job_cron_time: 'x' }, {}, 'job_cron_time'],
    ['type', { job_type: 'x' }, {}, 'job_type'],
  ];

  it.each(faults.map(([name], index) => [name, index] as const))(
    '%s comes before all that follow',
    async (_, index) => {
      const rest = faults.slice(index);
      const over = Object.assign({}, ...rest.map(([, top]) => top)) as JobBody;
      const context = Object.assign({}, ...rest.map(([, , inner]) => inner)) as JobBody;
      const answer = await refusal('POST', '/job', job(over, context));
      expect(answer.detail).toEqual({ parameters: [faults[index]?.[3]] });
    },
  );

  it('a bad type comes before a taken name', async () => {
    const name = uniqueName();
    await rig.api.create(job({ job_name: name }));
    const answer = await refusal('POST', '/job', job({ job_name: name, job_type: 'x' }));
    expect(answer).toEqual(bad('Illegal job type', 'job_type'));
  });

  it('PUT checks the cron text before the id, and the id before the type', async () => {
    const cron = await refusal('PUT', `/job/${UNKNOWN_ID}`, job({ job_cron_time: 'x' }));
    expect([cron.status, cron.detail]).toEqual([400, { parameters: ['job_cron_time'] }]);
    expect(await refusal('PUT', `/job/${UNKNOWN_ID}`, job({ job_type: 'x' }))).toEqual(unknownJob);
  });
});

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
    const added = { time_zone: 'Asia/Tokyo', labels: { team: 'a' } };
    const policy = { timeout_s: 7, retry: { max_attempts: 5 } };
    const name = uniqueName();
    const id = await rig.api.create(job({ job_name: name, ...added }, { policy }));
    await rig.api.must(200, 'PUT', `/job/${id}`, job({ job_name: name }));
    const kept = await rig.api.job(id);
    expect(kept).toMatchObject(added);
    expect(kept.job_context.policy).toMatchObject(policy);
    await rig.api.must(
      200,
      'PUT',
      `/job/${id}`,
      job({ job_name: name, time_zone: null, labels: null }, { policy: null }),
    );
    const reset = await rig.api.job(id);
    expect([reset.time_zone, reset.labels]).toEqual(['UTC', {}]);
    expect(reset.job_context.policy).toMatchObject({ timeout_s: 60, retry: { max_attempts: 3 } });
  });

  it('takes back what GET answered', async () => {
    const id = await rig.api.create(job());
    const shown = await rig.api.job(id);
    await rig.api.must(200, 'PUT', `/job/${id}`, shown);
    expect({ ...(await rig.api.job(id)), updated_at: '' }).toEqual({ ...shown, updated_at: '' });
  });

  it('answers 404 for an unknown id and for a list of ids', async () => {
    const ids = await Promise.all([rig.api.create(job()), rig.api.create(job())]);
    expect(await refusal('PUT', `/job/${UNKNOWN_ID}`, job())).toEqual(unknownJob);
    expect(await refusal('PUT', `/job/${ids.join(',')}`, job())).toEqual(unknownJob);
  });

  it('answers 409 for the name of another job', async () => {
    const name = uniqueName();
    await rig.api.create(job({ job_name: name }));
    const other = await rig.api.create(job());
    const answer = await refusal('PUT', `/job/${other}`, job({ job_name: name }));
    expect(answer).toEqual(error(409009001, 'Job name already exists', { conflicts: ['job_name'] }));
  });
});

describe('DELETE /job/:ids', () => {
  it('answers 200 for unknown ids, and deletes the known ones of a mixed list', async () => {
    const [first, second] = [await rig.api.create(job()), await rig.api.create(job())];
    const answer = await rig.api.call('DELETE', `/job/${first},${UNKNOWN_ID},${second}`);
    expect([answer.status, answer.text]).toEqual([200, '']);
    for (const id of [first, second]) expect(await refusal('GET', `/job?job_id=${id}`)).toEqual(unknownJob);
  });

  it('frees the name', async () => {
    const name = uniqueName();
    await rig.api.must(200, 'DELETE', `/job/${await rig.api.create(job({ job_name: name }))}`);
    await rig.api.create(job({ job_name: name }));
  });

  it('hides the executions of the deleted job', async () => {
    const id = await rig.api.create(job({ job_type: 'real-time' }, { exec: `${rig.target.url}/ok` }));
    await rig.api.run({ job_id: id });
    expect(await rig.api.statuses('job_type=real-time')).toHaveLength(1);
    await rig.api.must(200, 'DELETE', `/job/${id}`);
    expect(await rig.api.statuses('job_type=real-time')).toEqual([]);
    expect(await refusal('GET', `/jobstatus?job_id=${id}`)).toEqual(unknownJob);
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

  it('changes nothing where one id is unknown', async () => {
    const id = await rig.api.create(job());
    expect(await refusal('PUT', `/job/${id},${UNKNOWN_ID}/enable`, { enable: true })).toEqual(unknownJob);
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

  it('answers 404 where one id is unknown', async () => {
    const id = await rig.api.create(job());
    expect(await refusal('PUT', `/job/${id},${UNKNOWN_ID}/notify`, { webhook: 'https://a.example' })).toEqual(
      unknownJob,
    );
    expect((await rig.api.job(id)).job_context.notify.webhook).toBe('');
  });
});

describe('GET /job', () => {
  const list = (query: string) => rig.api.get<JobView[]>(`/job?${query}`);

  it('gives one job without a limit, none with 0, and caps the limit at 1 000', async () => {
    await rig.api.create(job());
    await rig.api.create(job());
    expect(await rig.api.get<JobView[]>('/job')).toHaveLength(1);
    expect(await list('limit=0')).toEqual([]);
    expect((await list('limit=100000')).length).toBeLessThanOrEqual(1000);
  });

  it('pages newest first, without a repeat or a gap within one second', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 6; i++) ids.push(await rig.api.create(job({ job_type: 'timed' })));
    const pages = [1, 2, 3].map((page) => list(`job_type=timed&limit=2&page=${page}`));
    const paged = (await Promise.all(pages)).flat().map((one) => one.job_id);
    expect(paged).toEqual(ids.reverse());
  });

  it('filters by the time of creation', async () => {
    const stored = await rig.api.job(await rig.api.create(job()));
    const at = (shiftMs: number) => encoded(new Date(Date.parse(stored.created_at) + shiftMs).toISOString());
    expect((await list(`limit=1&timestamp=${at(0)}`))[0]?.created_at).toBe(stored.created_at);
    const older = await list(`limit=1000&timestamp=${at(-2000)}`);
    expect(older.map((one) => one.job_id)).not.toContain(stored.job_id);
  });

  it('gives the jobs of repeated ids, one for a repeat, whatever else is asked', async () => {
    const ids = [await rig.api.create(job()), await rig.api.create(job())];
    const query = [...ids, ids[0]].map((id) => `job_id=${id}`).join('&');
    const found = (await list(`${query}&limit=1&job_type=timed`)).map((one) => one.job_id);
    expect(found.sort()).toEqual([...ids].sort());
  });

  it('answers 404 for one unknown id, a comma list, and an empty id', async () => {
    const id = await rig.api.create(job());
    for (const query of [`job_id=${id}&job_id=${UNKNOWN_ID}`, `job_id=${id},${id}`, 'job_id=']) {
      expect(await refusal('GET', `/job?${query}`)).toEqual(unknownJob);
    }
  });

  it.each([
    ['limit=-1', bad('Limit or page illegal', 'page', 'limit')],
    ['limit=abc', bad('Limit or page illegal', 'page', 'limit')],
    ['limit=1.5', bad('Limit or page illegal', 'page', 'limit')],
    ['page=0', bad('Limit or page illegal', 'page', 'limit')],
    ['page=', bad('Limit or page illegal', 'page', 'limit')],
    ['page=1.5', bad('Limit or page illegal', 'page', 'limit')],
    ['job_type=daily', bad('Illegal job type', 'job_type')],
    ['timestamp=today', bad('Illegal time ', 'timestamp')],
    ['timestamp=2030-01-01T00:00:00+08:00', bad('Illegal time ', 'timestamp')],
    ['timestamp=1970-01-01T00:00:00Z', bad('Illegal time ', 'timestamp')],
  ])('refuses %s', async (query, expected) => {
    expect(await refusal('GET', `/job?${query}`)).toEqual(expected);
  });

  it('redirects a trailing slash', async () => {
    const answer = await rig.api.call('GET', '/job/');
    expect([answer.status, answer.headers.location]).toEqual([301, '/api/ecron-management/v1/job']);
  });
});

describe('GET /jobtotal', () => {
  const total = (query = '') => rig.api.get<{ total: number; timestamp: string }>(`/jobtotal${query}`);

  it('counts the jobs and says when', async () => {
    const before = await total();
    expect(Object.keys(before)).toEqual(['total', 'timestamp']);
    expect(before.timestamp).toMatch(RFC3339);
    await rig.api.create(job());
    expect((await total()).total).toBe(before.total + 1);
  });

  it('counts from begin_at to end_at, both inclusive, by creation', async () => {
    const { created_at } = await rig.api.job(await rig.api.create(everySecond(`${rig.target.url}/ok`)));
    const at = encoded(created_at);
    expect((await total(`?begin_at=${at}&end_at=${at}`)).total).toBeGreaterThanOrEqual(1);
    expect(await total('?begin_at=2100-01-01T00:00:00Z')).toMatchObject({ total: 0 });
    expect(await total('?end_at=2001-01-01T00:00:00Z')).toMatchObject({ total: 0 });
  });

  it.each([
    ['begin_at=x&end_at=x', bad('Illegal time ', 'begin_at')],
    ['end_at=x', bad('Illegal time ', 'end_at')],
    ['begin_at=1970-01-01T00:00:00Z', bad('Illegal time ', 'begin_at')],
    [
      'begin_at=2030-01-02T00:00:00Z&end_at=2030-01-01T00:00:00Z',
      bad('End time is earlier than start time', 'begin_at', 'end_at'),
    ],
  ])('refuses %s', async (query, expected) => {
    expect(await refusal('GET', `/jobtotal?${query}`)).toEqual(expected);
  });
});
