import { randomUUID } from 'node:crypto';
import { ClientPublisher } from '@ecron/messaging';
import { PersistenceModule, SqlDeliveryStore } from '@ecron/persistence';
import { describeWith } from '@ecron/testing';
import { CALLERS, introduce } from '../auth/callers.js';
import { BESIDE, callOf, type Expectation, EXPECTATIONS, type Ids } from '../auth/expectations.js';
import { SecuredApp } from '../auth/secured-app.js';
import { type Answer, type Api, PREFIX } from '../support/api.js';
import { EVERY_SECOND, jobBody } from '../support/jobs.js';
import { TestDatabase } from '../support/test-database.js';
import { type Household, reportOf, settle, Target, unknownIds } from './household.js';
import { findForbidden } from './judge-statement.js';
import { asideOfCalls, type Call, followCalls, RecordedDatabase } from './recorded-database.js';

jest.setTimeout(240_000);

/** What calls may do beside the rule of {@link findForbidden}; each is needed, else it fails too. */
const EXCEPTIONS = [
  {
    routes: [`POST ${PREFIX}/jobexecution`],
    statement: /^SELECT e\.\* FROM ecron_execution e WHERE e\.execute_id = \? AND 1 = 1$/,
    reason: 'an execute id that the caller chooses is taken or free for all tenants together (409)',
  },
  {
    routes: [`PUT ${PREFIX}/jobstatus`, `PUT ${PREFIX}/jobstatus/:id`],
    statement: /^SELECT 1 FROM ecron_job WHERE job_id = \?$/,
    reason: 'runs of jobs that nobody knows are taken, those of another tenant’s are named in failed_job_id',
  },
];

const LATE = '2100-01-01T00:00:00Z';
const ENV = {
  ECRON_RATE_LIMIT_CALLER: '0',
  ECRON_RATE_LIMIT_ADDRESS: '0',
  ECRON_SHUTDOWN_GRACE_S: '0',
  ECRON_SECRET_KEY: 'a'.repeat(64),
};
const isOfTenants = ([route, { needs }]: [string, Expectation]): boolean =>
  needs !== 'nothing' && needs !== 'ecron.admin' && !BESIDE.some((pattern) => pattern.test(route));
const ROUTES = Object.entries(EXPECTATIONS).filter(isOfTenants);

const KINDS = ['reported', 'accepted', 'running', 'ended'] as const;

interface Finding {
  route: string;
  text: string;
}

/** @param env of the database */
function statementsOf(env: () => Record<string, string>): void {
  const calls: Call[] = [];
  const findings: Finding[] = [];
  const needed = new Set<object>();
  const target = new Target();
  let app: SecuredApp;
  let [a, b]: Api[] = [];
  let owned: Household;
  let leaveOff: () => void;

  beforeAll(async () => {
    const { for: provide } = PersistenceModule;
    jest
      .spyOn(PersistenceModule, 'for')
      .mockImplementation((settings) =>
        provide({ ...settings, database: new RecordedDatabase(settings.database) }),
      );
    // What a call makes others do is no part of it.
    const { publish } = ClientPublisher.prototype;
    jest.spyOn(ClientPublisher.prototype, 'publish').mockImplementation(function (
      this: ClientPublisher,
      ...sent
    ) {
      return asideOfCalls(() => publish.apply(this, sent));
    });
    jest.spyOn(SqlDeliveryStore.prototype, 'claim').mockResolvedValue([]);
    leaveOff = followCalls(calls);
    await target.start();
    app = await SecuredApp.start({ ...ENV, ...env() });
    introduce(app.tokens);
    a = app.api.as(CALLERS['tenant A'].token);
    b = app.api.as(CALLERS['tenant B'].token);
  });
  afterAll(async () => {
    leaveOff();
    target.stop();
    await app.stop();
    jest.restoreAllMocks();
  });

  /** What the call of this tenant has done that it may not. */
  async function judged(tenant: 'a' | 'b', route: string, send: () => Promise<Answer<unknown>>) {
    calls.length = 0;
    const { status } = await send();
    const call = calls.find(({ url }) => url.startsWith(PREFIX));
    const forbidden = findForbidden(call ?? { url: '', statements: [] }, `tenant-${tenant}`);
    findings.push(...forbidden.map(({ text }) => ({ route: route.replace(/ #.*/, ''), text })));
    return { status, statements: call?.statements ?? [] };
  }

  const drive = (tenant: 'a' | 'b', route: string, expectation: Expectation, ids: Ids) =>
    judged(tenant, route, () => {
      const { method, path, body } = callOf(route, expectation, ids);
      return ((tenant === 'a' ? a : b) as Api).at(method, path, body);
    });

  /** Of what was found since it was last asked for. */
  const unexplained = (): Finding[] =>
    findings.splice(0).filter((finding) => {
      const reason = EXCEPTIONS.find((one) => explains(one, finding));
      if (reason !== undefined) needed.add(reason);
      return reason === undefined;
    });

  describe.each(ROUTES)('%s', (route, expectation) => {
    beforeAll(async () => {
      owned = await settle(a as Api, target);
    });

    it.each(KINDS)('for its own, %s', async (kind) => {
      const ids = await withOther(owned[kind], expectation);
      const { status, statements } = await drive('a', route, expectation, ids);
      expect([unexplained(), status < 500]).toEqual([[], true]);
      if (!/schedule\/preview/.test(route)) expect(statements).not.toEqual([]);
    });

    it('for those of another tenant, and for unknown ones', async () => {
      for (const kind of KINDS)
        await drive('b', route, expectation, await withOther(owned[kind], expectation));
      await drive('b', route, expectation, unknownIds());
      expect(unexplained()).toEqual([]);
    });
  });

  /** Only of what was reported can more be made. */
  async function withOther(ids: Ids, { make }: Expectation): Promise<Ids> {
    const other = ids === owned.reported ? await make?.(a as Api, ids) : undefined;
    return { ...ids, other: other || randomUUID() };
  }

  it.each(MORE)('$route', async ({ route, path, body }) => {
    owned = await settle(a as Api, target);
    for (const tenant of ['a', 'b'] as const)
      for (const ids of [owned.accepted, owned.reported, unknownIds()])
        await judged(tenant, route, () => {
          const api = (tenant === 'a' ? a : b) as Api;
          const [method = ''] = route.split(' ');
          return api.at(method, PREFIX + path(ids), body?.(ids, target));
        });
    expect(unexplained()).toEqual([]);
  });

  it('needs each of the exceptions', () => {
    expect([...needed].length).toBe(EXCEPTIONS.length);
  });
}

const explains = (one: (typeof EXCEPTIONS)[number], { route, text }: Finding): boolean =>
  one.statement.test(text) && one.routes.includes(route);

interface More {
  route: string;
  path(ids: Ids): string;
  body?(ids: Ids, target: Target): unknown;
}

/** Calls that reach other statements than those of the matrix. */
const MORE: More[] = [
  {
    route: `GET ${PREFIX}/job #list`,
    path: () => `/job?limit=3&page=2&job_type=scheduled&timestamp=${LATE}`,
  },
  { route: `GET ${PREFIX}/jobstatus #open`, path: () => `/jobstatus?job_status=executing&end_at=${LATE}` },
  {
    route: `GET ${PREFIX}/execution #open`,
    path: ({ job }) => `/execution?job_id=${job}&state=running&limit=1`,
  },
  { route: `GET ${PREFIX}/audit #of one`, path: ({ job }) => `/audit?object_id=${job}` },
  { route: `GET ${PREFIX}/webhook/delivery #of one`, path: ({ job }) => `/webhook/delivery?job_id=${job}` },
  {
    route: `GET ${PREFIX}/execution/:execute_id/output #attempt`,
    path: ({ execution }) => `/execution/${execution}/output?attempt=1`,
  },
  {
    route: `POST ${PREFIX}/job #told`,
    path: () => '/job',
    body: (_, target) =>
      jobBody(target.url('ok'), { enabled: true }, { notify: { webhook: target.url('hook') } }),
  },
  {
    route: `PUT ${PREFIX}/job/:job_id #on`,
    path: ({ job }) => `/job/${job}`,
    body: (_, target) => jobBody(target.url('ok'), { enabled: true, job_cron_time: EVERY_SECOND }),
  },
  {
    route: `PUT ${PREFIX}/job/:job_id/enable #off`,
    path: ({ job }) => `/job/${job}/enable`,
    body: () => ({ enable: false }),
  },
  {
    route: `PUT ${PREFIX}/jobstatus #end`,
    path: () => '/jobstatus',
    body: (ids) => [
      { ...reportOf(ids), job_status: 'success' },
      reportOf({ ...ids, execution: randomUUID() }),
    ],
  },
  {
    route: `POST ${PREFIX}/jobexecution #own`,
    path: () => '/jobexecution',
    body: ({ job, execution }, target) => ({
      job_id: job,
      job_context: { mode: 'http', exec: target.url('ok'), info: {}, execute_id: execution },
    }),
  },
  {
    route: `POST ${PREFIX}/jobexecution #nobody’s`,
    path: () => '/jobexecution',
    body: (_, target) => ({
      job_context: {
        mode: 'http',
        exec: target.url('ok'),
        info: {},
        notify: { webhook: target.url('hook') },
      },
    }),
  },
  { route: `DELETE ${PREFIX}/job/:job_id #list`, path: ({ job }) => `/job/${job},${randomUUID()}` },
];

describe('what calls do on SQLite', () => statementsOf(() => ({})));

describeWith('mariadb', 'what calls do on MariaDB', (server) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await TestDatabase.create(server);
  });
  afterAll(() => database.drop());
  statementsOf(() => database.env);
});
