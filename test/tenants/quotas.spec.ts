import { randomUUID } from 'node:crypto';
import { describeWith } from '@ecron/testing';
import { SecuredApp } from '../auth/secured-app.js';
import { type Answer, type Api } from '../support/api.js';
import { eventually } from '../support/eventually.js';
import { jobBody } from '../support/jobs.js';
import { type ErrorBody, type Page } from '../support/shapes.js';
import { TestDatabase } from '../support/test-database.js';
import { Target } from './household.js';

jest.setTimeout(120_000);

const MINUTE_MS = 60_000;
const QUOTAS = {
  ECRON_TENANT_JOBS: '3',
  ECRON_TENANT_JOBS_OVERRIDES: 'free=0',
  ECRON_TENANT_REQUESTS_PER_MINUTE: '3',
  ECRON_TENANT_REQUESTS_PER_MINUTE_OVERRIDES: 'free=0,slow=0',
  ECRON_TENANT_STARTS_PER_MINUTE_OVERRIDES: 'slow=2',
  ECRON_SHUTDOWN_GRACE_S: '0',
};

const target = new Target();
beforeAll(() => target.start());
afterAll(() => target.stop());

/** A client of its own tenant for each of the nodes. */
function tenantOf(apps: readonly SecuredApp[], name: string = randomUUID()): Api[] {
  return apps.map((app) => {
    app.tokens.knows(name, { active: true, client_id: name, sub: 'somebody', exp: Date.now() / 1000 + 3600 });
    return app.api.as(name);
  });
}

const store = (api: Api) => api.call('POST', '/job', jobBody(target.url('ok')));
const ask = (api: Api, own: object = {}) =>
  api.call('POST', '/jobexecution', {
    job_context: { mode: 'http', exec: target.url('ok'), info: {}, ...own },
  });
const countOf = (answers: readonly Answer<unknown>[], status: number): number =>
  answers.filter((answer) => answer.status === status).length;
const audited = async (api: Api): Promise<number> =>
  (await api.get<Page<unknown>>('/audit?limit=500')).items.length;

/** Does it again where the minute has turned meanwhile. */
async function withinOneMinute<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    const minute = () => Math.floor(Date.now() / MINUTE_MS);
    const begun = minute();
    const result = await work();
    if (minute() === begun) return result;
  }
}

function expectRefused({ status, json, headers }: Answer<ErrorBody>, key: string): number {
  expect([status, json]).toEqual([
    429,
    {
      cause: expect.stringContaining(`(${key})`) as string,
      code: 429009001,
      message: '请求太多。',
      detail: { conflicts: [key] },
    },
  ]);
  return Number(headers['retry-after']);
}

/** @param apps nodes on one database */
function quotas(apps: readonly SecuredApp[]): void {
  it('of stored jobs refuses one too many, which leaves nothing behind, until one is deleted', async () => {
    const [api] = tenantOf(apps) as [Api];
    for (let n = 0; n < 3; n++) expect((await store(api)).status).toBe(201);
    const before = await audited(api);
    expect(expectRefused(await store(api), 'tenant_jobs')).toBe(60);
    expect(await api.get('/jobtotal')).toMatchObject({ total: 3 });
    expect(await audited(api)).toBe(before);
    const [job] = await api.get<{ job_id: string }[]>('/job');
    await api.must(200, 'DELETE', `/job/${job?.job_id}`);
    expect((await store(api)).status).toBe(201);
  });

  it('of stored jobs holds while many are sent at once, to each of the nodes', async () => {
    const clients = tenantOf(apps);
    const answers = await Promise.all(Array.from({ length: 8 }).flatMap(() => clients.map(store)));
    expect([countOf(answers, 201), countOf(answers, 429)]).toEqual([3, answers.length - 3]);
    expect(await clients[0]?.get('/jobtotal')).toMatchObject({ total: 3 });
  });

  it('of runs refuses one too many in a minute, and says how long to wait', async () => {
    const { waitS, kept, records } = await withinOneMinute(async () => {
      const [api] = tenantOf(apps) as [Api];
      for (let n = 0; n < 3; n++) expect((await ask(api)).status).toBe(200);
      const before = await audited(api);
      const refused = await ask(api);
      return {
        waitS: refused.status === 429 ? expectRefused(refused, 'tenant_requests_per_minute') : 0,
        kept: (await api.executions('limit=100')).length,
        records: (await audited(api)) - before,
      };
    });
    expect(waitS).toBeGreaterThanOrEqual(1);
    expect(waitS).toBeLessThanOrEqual(60);
    expect([kept, records]).toEqual([3, 0]);
  });

  it('of runs holds while many are asked for at once, of each of the nodes', async () => {
    const answers = await withinOneMinute(() => {
      const clients = tenantOf(apps);
      return Promise.all(Array.from({ length: 8 }).flatMap(() => clients.map((api) => ask(api))));
    });
    expect([countOf(answers, 200), countOf(answers, 429)]).toEqual([3, answers.length - 3]);
  });

  it('of runs does not count a repeat, which starts nothing', async () => {
    const statuses = await withinOneMinute(async () => {
      const [api] = tenantOf(apps) as [Api];
      const execute_id = randomUUID();
      const answers = [];
      for (let n = 0; n < 6; n++) answers.push(await ask(api, { execute_id }));
      return [...answers, await ask(api), await ask(api)].map(({ status }) => status);
    });
    expect(statuses).toEqual(new Array(8).fill(200));
  });

  it('does not hold for a tenant whose own number is 0', async () => {
    const clients = tenantOf(apps, 'free');
    const sent = Array.from({ length: 3 }).flatMap(() => clients.flatMap((api) => [store(api), ask(api)]));
    const answers = await Promise.all([...sent, ...clients.flatMap((api) => [store(api), store(api)])]);
    expect(countOf(answers, 429)).toBe(0);
  });

  it('of starts lets what is more wait and say why, and no other tenant with it', async () => {
    const clients = tenantOf(apps, 'slow');
    await withinOneMinute(async () => {
      for (let n = 0; n < 4; n++) await ask(clients[n % clients.length] as Api);
      await eventually(async () => {
        const runs = (await clients[0]?.executions('limit=4')) ?? [];
        expect(runs.filter(({ state }) => state !== 'waiting').length).toBeLessThanOrEqual(2);
        expect(runs.filter(({ reason }) => reason === 'tenant rate').length).toBeGreaterThanOrEqual(2);
      });
    });
    const [other] = tenantOf(apps, 'free') as [Api];
    const { execute_id } = await other.run({
      job_context: { mode: 'http', exec: target.url('ok'), info: {} },
    });
    await eventually(async () => expect((await other.execution(execute_id)).state).toBe('succeeded'));
  });
}

describe('a quota on one node', () => {
  const apps: SecuredApp[] = [];
  beforeAll(async () => void apps.push(await SecuredApp.start(QUOTAS)));
  afterAll(async () => void (await Promise.all(apps.map((app) => app.stop()))));
  quotas(apps);
});

describeWith('mariadb', 'a quota on two nodes of one database', (server) => {
  const apps: SecuredApp[] = [];
  let database: TestDatabase;
  beforeAll(async () => {
    database = await TestDatabase.create(server);
    for (let n = 0; n < 2; n++) apps.push(await SecuredApp.start({ ...QUOTAS, ...database.env }));
  });
  afterAll(async () => {
    await Promise.all(apps.map((app) => app.stop()));
    await database.drop();
  });
  quotas(apps);
});
