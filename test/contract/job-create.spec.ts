import { jobBody, uniqueName, YEARLY, type JobBody } from '../support/jobs.js';
import { bad, namedField, refusalOf, refused, UNKNOWN_ID, unknownJob } from '../support/refusals.js';
import { useRig } from '../support/rig.js';

const NEVER_CALLED = 'http://127.0.0.1:1/never-called';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

const rig = useRig();
const job = (over: JobBody = {}, context: JobBody = {}) => jobBody(NEVER_CALLED, over, context);
const refusal = (method: string, path: string, body?: unknown) => refusalOf(rig.api, method, path, body);

/** True of one process on memory only. */
const MESSAGE_WITHOUT_BROKER: [string, JobBody, JobBody, string] = [
  'a message where no broker is',
  {},
  { mode: 'publish', exec: 'topic', info: { body: {} } },
  'job_context.mode',
];

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
    const conflict = refused(409009001, 'Job name already exists', { conflicts: ['job_name'] });
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
    ['labels, which this version does not keep', { labels: { team: 'a' } }, {}, 'labels'],
    ['an unknown completion', {}, { policy: { completion: 'never' } }, 'job_context.policy.completion'],
    [
      'no attempts at all',
      {},
      { policy: { retry: { max_attempts: 0 } } },
      'job_context.policy.retry.max_attempts',
    ],
    ['a negative time-out', {}, { policy: { timeout_s: -1 } }, 'job_context.policy.timeout_s'],
    [
      'a time-out over 30 minutes for HTTP',
      {},
      { policy: { timeout_s: 1801 } },
      'job_context.policy.timeout_s',
    ],
    [
      'an overlap that this version does not know',
      {},
      { policy: { overlap: 'queue' } },
      'job_context.policy.overlap',
    ],
    [
      'a misfire policy that it does not know',
      {},
      { policy: { misfire: { policy: 'all' } } },
      'job_context.policy.misfire.policy',
    ],
    ['a header that is no text', {}, { info: { headers: { a: 1 } } }, 'job_context.info.headers'],
    ['a framing header', {}, { info: { headers: { Host: 'x' } } }, 'job_context.info.headers'],
    ['a length header', {}, { info: { headers: { 'Content-Length': '1' } } }, 'job_context.info.headers'],
    ['a coding header', {}, { info: { headers: { 'transfer-encoding': 'x' } } }, 'job_context.info.headers'],
    ['a hop-by-hop header', {}, { info: { headers: { connection: 'close' } } }, 'job_context.info.headers'],
    [
      'an option that the executor does not know',
      {},
      { mode: 'publish', exec: 'topic', info: { body: {}, publish: { envelop: true } } },
      'job_context.info.publish.envelop',
    ],
    [
      'an option of another type',
      {},
      { mode: 'publish', exec: 'topic', info: { body: {}, publish: { envelope: 'yes' } } },
      'job_context.info.publish.envelope',
    ],
    ...(process.env['ECRON_TEST_CLUSTER'] ? [] : [MESSAGE_WITHOUT_BROKER]),
  ])('refuses %s, naming the field', async (_, over, context, field) => {
    const answer = await refusal('POST', '/job', job(over, context));
    expect(namedField(answer)).toMatch(new RegExp(`^${field.replaceAll('.', '\\.')}(\\.|$)`));
  });

  it.each(['get', 'Post', 'PUT', 'delete', 'PATCH', 'head', ''])('takes the method %p', async (method) => {
    expect((await rig.api.call('POST', '/job', job({}, { info: { method } }))).status).toBe(201);
  });

  it('takes remarks of 256 characters, a cron text of 128, and a context of 10 240 bytes', async () => {
    const context = { mode: 'http', exec: NEVER_CALLED, info: { body: { text: '' } } };
    context.info.body.text = 'x'.repeat(10_240 - JSON.stringify(context).length);
    const cron = `0 ${'0,'.repeat(57)}0 0 1 1 ?`.padEnd(128, ',0');
    const full = { ...job(), remarks: '名'.repeat(256), job_cron_time: cron, job_context: context };
    const shown = await rig.api.job(await rig.api.create(full));
    expect(shown).toMatchObject({ remarks: full.remarks, job_cron_time: cron, job_context: context });
    // What the answer adds does not count when it is sent back.
    await rig.api.must(200, 'PUT', `/job/${shown.job_id}`, shown);
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
    expect(await refusal('PUT', `/job/${UNKNOWN_ID}`, job({ job_type: 'x' }))).toEqual(unknownJob());
  });
});
