import { type Api } from '../support/api.js';
import { type App } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { IntrospectionServer, type Tokens } from '../support/introspection.js';
import { jobBody, uniqueName } from '../support/jobs.js';
import { type Page } from '../support/shapes.js';
import { PATIENCE, startApp } from '../support/start-app.js';
import { Target } from '../support/target.js';

jest.setTimeout(30_000 * PATIENCE);

interface AuditView {
  audit_id: string;
  at: string;
  tenant_id: string;
  user_id: string;
  client_id: string;
  request_id: string;
  source: string;
  action: string;
  object: string;
  object_id: string;
  before_hash: string;
  after_hash: string;
  fields: string[];
  result: string;
}

const TOKENS: Record<string, Tokens[string] & { sub?: string; scope?: string }> = {
  tokA: { active: true, client_id: 'tenant-a', sub: 'alice' },
  tokB: { active: true, client_id: 'tenant-b', sub: 'bob' },
  tokAdmin: { active: true, client_id: 'operators', sub: 'root', scope: 'ecron.admin' },
  tokReader: { active: true, client_id: 'tenant-a', sub: 'carol', scope: 'ecron.job.read' },
  tokAuditor: { active: true, client_id: 'tenant-a', sub: 'dave', scope: 'ecron.audit.read' },
};

let hydra: IntrospectionServer;
let app: App;
let target: Target;
let a: Api;
let b: Api;
let admin: Api;

beforeAll(async () => {
  hydra = await IntrospectionServer.start(TOKENS);
  target = await Target.start();
  app = await startApp(hydra.env);
  await target.setManagement(app.management);
  [a, b, admin] = [app.api.as('tokA'), app.api.as('tokB'), app.api.as('tokAdmin')];
});
afterAll(async () => {
  await target?.stop();
  await app?.discard();
  await hydra?.stop();
});

async function recorded(api: Api, query: string): Promise<AuditView[]> {
  return (await api.get<Page<AuditView>>(`/audit?limit=500&${query}`)).items;
}
/** What was put on record meanwhile, oldest first. */
async function during(work: () => Promise<unknown>): Promise<AuditView[]> {
  const before = (await recorded(admin, '')).length;
  await work();
  const after = await recorded(admin, '');
  return after.slice(0, after.length - before).reverse();
}
/** As alice, under an id of her own. */
const calling = (requestId: string): Api =>
  app.api.with({ authorization: 'Bearer tokA', 'x-request-id': requestId });
const wordsOf = ({ action, object_id, result }: AuditView) => [action, object_id, result];

describe('GET /audit', () => {
  it('says who changed what of a job in which call, by names and hashes', async () => {
    const id = await a.create(jobBody(`${target.url}/ok`));
    const body = jobBody(`${target.url}/ok`, { remarks: 'new' }, { info: { headers: { x: 'canary' } } });
    await calling('my-call.1').must(200, 'PUT', `/job/${id}`, body);
    await admin.must(200, 'DELETE', `/job/${id}`);
    const [created, updated, deleted] = (await recorded(a, `object_id=${id}`)).reverse();
    expect(created).toEqual({
      audit_id: expect.any(String) as string,
      at: expect.stringMatching(/^2\d{3}-/) as string,
      ...{ tenant_id: 'tenant-a', user_id: 'alice', client_id: 'tenant-a', source: 'api' },
      request_id: expect.stringMatching(/^[\w-]{36}$/) as string,
      ...{ action: 'job.create', object: 'job', object_id: id, result: 'created' },
      before_hash: '',
      after_hash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      fields: [],
    });
    expect(updated).toMatchObject({
      ...{ action: 'job.update', request_id: 'my-call.1', before_hash: created?.after_hash },
      fields: ['job_context.info.headers.x', 'job_name', 'remarks'],
    });
    expect(deleted).toMatchObject({
      ...{ action: 'job.delete', user_id: 'root', client_id: 'operators', tenant_id: 'tenant-a' },
      ...{ before_hash: updated?.after_hash, after_hash: '' },
    });
    expect(JSON.stringify([created, updated, deleted])).not.toContain('canary');
  });

  it('has an entry for each job that one call changes', async () => {
    const ids = [await a.create(jobBody(target.url)), await a.create(jobBody(target.url))];
    const made = await during(async () => {
      await a.must(200, 'PUT', `/job/${ids.join(',')}/enable`, { enable: true });
      await a.must(200, 'PUT', `/job/${ids.join(',')}/enable`, { enable: false });
      await a.must(200, 'PUT', `/job/${ids.join(',')}/notify`, { webhook: `${target.url}/hook` });
      await a.must(200, 'DELETE', `/job/${ids.join(',')},unknown`);
    });
    const actions = ['job.enable', 'job.disable', 'job.notify', 'job.delete'];
    expect(made.map(({ action, object_id }) => `${action} ${object_id}`).sort()).toEqual(
      actions.flatMap((action) => ids.map((id) => `${action} ${id}`)).sort(),
    );
  });

  it('has what callers and targets do to executions', async () => {
    const job = await a.create(jobBody(`${target.url}/accept`));
    const called = (await a.run({ job_id: job })).execute_id;
    await eventually(async () => expect(await a.execution(called)).toMatchObject({ state: 'accepted' }));
    const [seen] = await target.seen('/accept');
    const key = seen?.headers['webhook'] ?? '';
    const made = await during(async () => {
      expect((await app.api.at('POST', key, { rows: 7 })).status).toBe(200);
      const waiting = (await a.run({ job_id: job })).execute_id;
      await eventually(async () => expect(await a.execution(waiting)).toMatchObject({ state: 'accepted' }));
      await a.must(202, 'POST', `/execution/${waiting}/cancel`, {});
      const item = { execute_id: uniqueName(), job_id: 'theirs', job_name: 'n', job_type: 'scheduled' };
      const status = { ...item, job_status: 'success', begin_at: '2026-01-01T00:00:00Z' };
      await a.must(200, 'PUT', '/jobstatus', [{ ...status, end_at: '2026-01-01T00:00:01Z' }]);
    });
    expect(made.map(({ action, source, user_id, result }) => [action, source, user_id, result])).toEqual([
      ['execution.callback', 'target', '', 'ended'],
      ['execution.request', 'api', 'alice', 'created'],
      ['execution.cancel', 'api', 'alice', 'ended'],
      ['execution.report', 'api', 'alice', 'succeeded'],
    ]);
    expect(made.every(({ tenant_id }) => tenant_id === 'tenant-a')).toBe(true);
  });

  it('has nothing of what was refused', async () => {
    const name = uniqueName();
    const id = await a.create(jobBody(target.url, { job_name: name }));
    const run = (await a.run({ job_id: await a.create(jobBody(`${target.url}/ok`)) })).execute_id;
    await eventually(async () => expect(await a.execution(run)).toMatchObject({ state: 'succeeded' }));
    const statuses: number[] = [];
    const call = async (api: Api, method: string, path: string, body?: unknown) =>
      statuses.push((await api.call(method, path, body)).status);
    const made = await during(async () => {
      await call(a, 'POST', '/job', jobBody(target.url, { job_name: name }));
      await call(a, 'POST', '/job', jobBody('no url'));
      await call(b, 'PUT', `/job/${id}`, jobBody(target.url));
      await call(b, 'DELETE', `/job/${id}`);
      await call(a, 'PUT', `/job/${id},unknown/enable`, { enable: true });
      await call(b, 'POST', '/jobexecution', { job_id: id });
      await call(b, 'POST', `/execution/${run}/cancel`, {});
      await call(a, 'POST', `/execution/${run}/cancel`, {});
      await call(app.api.as('tokReader'), 'DELETE', `/job/${id}`);
      await call(app.api, 'POST', `/executionresult/${run}`, {});
    });
    expect(statuses).toEqual([409, 400, 404, 200, 404, 404, 404, 409, 403, 401]);
    expect(made.map(wordsOf)).toEqual([]);
  });

  it('shows a tenant its own, an admin all, and asks for the permission', async () => {
    await b.create(jobBody(target.url));
    const tenantsOf = async (api: Api) =>
      new Set((await recorded(api, '')).map(({ tenant_id }) => tenant_id));
    expect(await tenantsOf(a)).toEqual(new Set(['tenant-a']));
    expect(await tenantsOf(b)).toEqual(new Set(['tenant-b']));
    expect(await tenantsOf(app.api.as('tokAuditor'))).toEqual(new Set(['tenant-a']));
    expect([...(await tenantsOf(admin))].sort()).toEqual(['tenant-a', 'tenant-b']);
    expect((await app.api.as('tokReader').call('GET', '/audit')).status).toBe(403);
    expect((await app.api.call('GET', '/audit')).status).toBe(401);
  });

  it('goes page by page, and is filtered', async () => {
    const all = await recorded(a, '');
    const ids: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: Page<AuditView> = await a.get(`/audit?limit=3&cursor=${cursor}`);
      ids.push(...page.items.map(({ audit_id }) => audit_id));
      cursor = page.next_cursor;
    }
    expect(ids).toEqual(all.map(({ audit_id }) => audit_id));
    const creations = await recorded(a, 'action=job.create&user_id=alice&object=job');
    expect(creations.length).toBe(all.filter(({ action }) => action === 'job.create').length);
    expect(await recorded(a, 'to=2026-01-01T00:00:00Z')).toEqual([]);
  });

  it.each(['action=odd', 'object=odd', 'from=odd', 'limit=0', 'cursor=odd', 'usr=alice'])(
    'refuses %s',
    async (query) => {
      expect((await a.call('GET', `/audit?${query}`)).status).toBe(400);
    },
  );
});

describe('the id of a call', () => {
  const idOf = async (sent?: string) => {
    const api = sent === undefined ? a : calling(sent);
    return (await api.call('GET', '/jobtotal')).headers['x-request-id'];
  };

  it('is the one that the caller sends, where it is well-formed', async () => {
    expect(await idOf('trace.1:a_b-C')).toBe('trace.1:a_b-C');
  });

  it.each([undefined, '', 'a b', 'x'.repeat(65), '<script>'])('is a new one instead of %j', async (sent) => {
    expect(await idOf(sent)).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('is in refusals too', async () => {
    const refused = await app.api.with({ 'x-request-id': 'mine' }).call('GET', '/jobtotal');
    expect([refused.status, refused.headers['x-request-id']]).toEqual([401, 'mine']);
  });
});
