import { randomUUID } from 'node:crypto';
import { type Api } from '../support/api.js';
import { eventually } from '../support/eventually.js';
import { IntrospectionServer, type Tokens } from '../support/introspection.js';
import { everySecond, jobBody, uniqueName } from '../support/jobs.js';
import { type App } from '../support/app.js';
import { PATIENCE, startApp } from '../support/start-app.js';
import { Target } from '../support/target.js';

const TOKENS: Tokens = {
  tokA: { active: true, client_id: 'tenant-a' },
  tokB: { active: true, client_id: 'tenant-b' },
  'tok+A&x=1/2==': { active: true, client_id: 'tenant-a' },
  'tok-no-client': { active: true },
  'tok-unused': { active: true, client_id: 'tenant-a' },
};

jest.setTimeout(30_000 * PATIENCE);

let hydra: IntrospectionServer;
let app: App;
let target: Target;
let anyone: Api;
let a: Api;
let b: Api;

beforeAll(async () => {
  hydra = await IntrospectionServer.start(TOKENS);
  target = await Target.start();
  app = await startApp(hydra.env);
  [anyone, a, b] = [app.api, app.api.as('tokA'), app.api.as('tokB')];
});
afterAll(async () => {
  await target?.stop();
  await app?.discard();
  await hydra?.stop();
});

describe('a token', () => {
  it('that is active lets its client in', async () => {
    expect((await a.call('GET', '/jobtotal')).status).toBe(200);
  });

  it('is sent to the token server escaped', async () => {
    expect((await anyone.as('tok+A&x=1/2==').call('GET', '/jobtotal')).status).toBe(200);
    expect(hydra.asked).toContain('tok+A&x=1/2==');
  });

  it.each<[string, Record<string, string>, string]>([
    ['is missing', {}, 'Empty token'],
    ['is empty', { authorization: 'Bearer ' }, 'Invalid token'],
    ['has no scheme', { authorization: 'tokA' }, 'Invalid token'],
    ['has another scheme', { authorization: 'Basic tokA' }, 'Invalid token'],
    ['is of no client', { authorization: 'Bearer tok-no-client' }, 'Invalid token'],
    ['is inactive', { authorization: 'Bearer tok-unknown' }, 'Token expired'],
    ['is replaced by a self-made secret', { secret: 'JBSWY3DPEHPK3PXP', code: '123456' }, 'Empty token'],
  ])('that %s is 401, naming the header', async (_, headers, cause) => {
    const answer = await anyone.with(headers).call('GET', '/jobtotal');
    expect([answer.status, answer.json]).toEqual([
      401,
      { cause, code: 401009001, message: '授权无效。', detail: { parameters: ['Authorization'] } },
    ]);
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
  });

  it.each([
    ['GET', '/job'],
    ['POST', '/job'],
    ['PUT', '/job/x'],
    ['DELETE', '/job/x'],
    ['PUT', '/job/x/enable'],
    ['PUT', '/job/x/notify'],
    ['GET', '/jobtotal'],
    ['GET', '/jobstatus'],
    ['PUT', '/jobstatus'],
    ['POST', '/jobexecution'],
    ['POST', '/executionresult/x'],
    ['POST', '/schedule/preview'],
    ['GET', '/execution'],
    ['GET', '/execution/x'],
    ['GET', '/job/x/slot'],
  ])('is asked of %s %s', async (method, path) => {
    expect((await anyone.call(method, path, method === 'GET' ? undefined : {})).status).toBe(401);
  });

  it.each(['/health/ready', '/health/alive'])('is not asked of %s', async (path) => {
    expect((await anyone.call('GET', path)).status).toBe(200);
  });
});

describe('two tenants', () => {
  it('may use one name, and each sees its own', async () => {
    const job = jobBody(`${target.url}/ok`, { job_name: uniqueName('shared') });
    const [mine, theirs] = [await a.create(job), await b.create(job)];
    expect((await a.job(mine)).tenant_id).toBe('tenant-a');
    expect((await b.job(theirs)).tenant_id).toBe('tenant-b');
    expect(await a.get<{ job_id: string }[]>('/job?limit=1000')).not.toContainEqual(
      expect.objectContaining({ job_id: theirs }),
    );
  });

  it('get 404 for each other’s ids, and change nothing', async () => {
    const id = await a.create(jobBody(`${target.url}/ok`));
    const before = await a.job(id);
    const calls: [string, string, unknown?][] = [
      ['GET', `/job?job_id=${id}`],
      ['PUT', `/job/${id}`, jobBody(`${target.url}/ok`)],
      ['PUT', `/job/${id}/enable`, { enable: true }],
      ['PUT', `/job/${id}/notify`, { webhook: 'https://a.example' }],
      ['GET', `/jobstatus?job_id=${id}`],
      ['GET', `/job/${id}/slot`],
      ['POST', '/jobexecution', { job_id: id }],
    ];
    for (const [method, path, body] of calls) {
      expect([path, (await b.call(method, path, body)).status]).toEqual([path, 404]);
    }
    expect(await a.job(id)).toEqual(before);
  });

  it('cannot delete or stop each other’s jobs', async () => {
    const id = await a.create(everySecond(`${target.url}/ok/not-yours`));
    expect((await b.call('DELETE', `/job/${id}`)).status).toBe(200);
    const count = (await target.seen('/ok/not-yours')).length;
    await eventually(async () =>
      expect((await target.seen('/ok/not-yours')).length).toBeGreaterThan(count + 1),
    );
    expect((await a.job(id)).enabled).toBe(true);
    await a.must(200, 'DELETE', `/job/${id}`);
  });

  it('do not see each other’s runs', async () => {
    const { execute_id } = await a.run({ job_id: await a.create(jobBody(`${target.url}/ok`)) });
    expect((await b.call('GET', `/execution/${execute_id}`)).status).toBe(404);
    expect(await b.executions('trigger=request')).toEqual([]);
    expect(await b.statuses('job_type=scheduled')).toEqual([]);
    expect((await b.call('POST', `/executionresult/${execute_id}`, {})).status).toBe(404);
  });

  it('cannot use each other’s execute_id', async () => {
    const execute_id = randomUUID();
    const context = { mode: 'http', exec: `${target.url}/ok`, info: {}, execute_id };
    await a.run({ job_context: context });
    const answer = await b.call('POST', '/jobexecution', { job_context: context });
    expect([answer.status, answer.json.code]).toEqual([409, 409009001]);
  });

  it('cannot report on each other’s jobs', async () => {
    const id = await a.create(jobBody(`${target.url}/ok`));
    const report = { execute_id: randomUUID(), job_id: id, job_type: 'scheduled', job_status: 'success' };
    const times = { begin_at: '2026-01-01T00:00:00Z', end_at: '2026-01-01T00:00:01Z', execute_times: 1 };
    const answer = await b.must<{ failed_job_id: string[] }>(200, 'PUT', '/jobstatus', [
      { ...report, ...times },
    ]);
    expect(answer.failed_job_id).toHaveLength(1);
    expect(await a.statuses(`job_id=${id}`)).toEqual([]);
  });

  it('cannot end what the other has reported', async () => {
    const report = { execute_id: randomUUID(), job_id: await a.create(jobBody(`${target.url}/ok`)) };
    const item = { ...report, job_type: 'scheduled', job_status: 'executing', execute_times: 1 };
    expect(await a.must(200, 'PUT', '/jobstatus', [item])).toEqual({ failed_job_id: [] });
    const answer = await b.must<{ failed_job_id: string[] }>(200, 'PUT', '/jobstatus', [
      { ...item, job_id: await b.create(jobBody(`${target.url}/ok`)), job_status: 'success' },
    ]);
    expect(answer.failed_job_id).toHaveLength(1);
    expect((await a.execution(report.execute_id)).state).toBe('accepted');
  });
});

describe('an admin, who needs no token where authentication is off', () => {
  it('sees and edits the jobs of all tenants, which stay theirs', async () => {
    const job = jobBody(`${target.url}/ok`, { remarks: 'before' });
    const own = await startApp(hydra.env);
    try {
      const id = await own.api.as('tokA').create(job);
      await own.stop();
      await own.boot({});
      expect(own.output()).toContain('AUTHENTICATION IS OFF');
      await own.api.must(200, 'PUT', `/job/${id}`, { ...job, remarks: 'after' });
      expect(await own.api.job(id)).toMatchObject({ tenant_id: 'tenant-a', remarks: 'after' });
      const mine = await own.api.create({ ...job, job_name: uniqueName() });
      expect((await own.api.job(mine)).tenant_id).toBe('mock-client-id');
    } finally {
      await own.discard();
    }
  });
});

describe('the token server', () => {
  it('may be away at the start: health is answered, and calls once it is there', async () => {
    const later = await IntrospectionServer.start(TOKENS);
    await later.stop();
    const other = await startApp(later.env);
    try {
      expect((await other.api.call('GET', '/health/alive')).status).toBe(200);
      expect((await other.api.as('tokA').call('GET', '/jobtotal')).status).toBe(503);
      const now = await IntrospectionServer.start(TOKENS, undefined, later.port);
      await eventually(async () =>
        expect((await other.api.as('tokA').call('GET', '/jobtotal')).status).toBe(200),
      );
      await now.stop();
    } finally {
      await other.discard();
    }
  });

  it('is found on the older path too', async () => {
    const old = await IntrospectionServer.start(TOKENS, '/oauth2/introspect');
    const other = await startApp(old.env);
    try {
      await eventually(async () =>
        expect((await other.api.as('tokA').call('GET', '/jobtotal')).status).toBe(200),
      );
    } finally {
      await other.discard();
      await old.stop();
    }
  });

  it('that is away is 503, while health is answered', async () => {
    const { port } = hydra;
    await hydra.stop();
    const answer = await anyone.as('tok-unused').call('GET', '/jobtotal');
    expect([answer.status, answer.json.code]).toEqual([503, 503009001]);
    expect((await anyone.call('GET', '/health/alive')).status).toBe(200);
    hydra = await IntrospectionServer.start(TOKENS, undefined, port);
    await eventually(async () =>
      expect((await anyone.as('tok-unused').call('GET', '/jobtotal')).status).toBe(200),
    );
  });
});
