import { randomUUID } from 'node:crypto';
import { SqlDeliveryStore } from '@ecron/persistence';
import { CALLERS, introduce } from '../auth/callers.js';
import { callOf, type Expectation, EXPECTATIONS, type Ids } from '../auth/expectations.js';
import { SecuredApp } from '../auth/secured-app.js';
import { type Answer, type Api } from '../support/api.js';
import { eventually } from '../support/eventually.js';
import { jobBody } from '../support/jobs.js';
import { type Household, reportOf, settle, Target, unknownIds } from './household.js';

jest.setTimeout(120_000);

const ENV = {
  ECRON_RATE_LIMIT_CALLER: '0',
  ECRON_RATE_LIMIT_ADDRESS: '0',
  ECRON_SHUTDOWN_GRACE_S: '0',
};
const KINDS = ['reported', 'accepted', 'running', 'ended'] as const;
const ABOUT_IDS = Object.entries(EXPECTATIONS).filter(([, { isAbout }]) => isAbout === 'an id');
const INSTANT = /\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)/g;

let app: SecuredApp;
let target: Target;
let a: Api;
let b: Api;
let theirs: Household;
let mine: Ids;

beforeAll(async () => {
  // Tries of deliveries would change rows while they are compared.
  jest.spyOn(SqlDeliveryStore.prototype, 'claim').mockResolvedValue([]);
  target = new Target();
  await target.start();
  app = await SecuredApp.start(ENV);
  introduce(app.tokens);
  [a, b] = [app.api.as(CALLERS['tenant A'].token), app.api.as(CALLERS['tenant B'].token)];
  theirs = await settle(a, target);
  mine = (await settle(b, target)).reported;
});
afterAll(async () => {
  target.stop();
  await app.stop();
  jest.restoreAllMocks();
});

/** Every row that is stored, but the signs of life of the nodes. */
async function everything(): Promise<string[]> {
  const { database } = app.platform;
  const tables = await database.read<{ name: string }>(
    `SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'ecron%' AND name <> 'ecron_node'`,
  );
  const rows = await Promise.all(tables.map(({ name }) => database.read(`SELECT * FROM ${name}`)));
  return rows.flatMap((some, n) => some.map((row) => `${tables[n]?.name} ${JSON.stringify(row)}`));
}

/** An answer, all of it but the ids that it is about and what tells one moment from another. */
function comparable({ status, headers, text }: Answer<unknown>, ids: Ids) {
  const kept = { ...headers, date: '', 'x-request-id': '' };
  const named = Object.values({ ...ids }).filter((id) => id !== '');
  const neutral = named.reduce((left, id) => left.replaceAll(id, 'ID'), text);
  return { status, headers: kept, text: neutral.replace(INSTANT, 'THEN') };
}

const send = (route: string, expectation: Expectation, ids: Ids): Promise<Answer<unknown>> => {
  const { method, path, body } = callOf(route, expectation, ids);
  return b.at(method, path, body);
};

describe.each(ABOUT_IDS)('another tenant’s id in %s', (route, expectation) => {
  const { foreign, make } = expectation;

  it.each(KINDS)('is answered as an unknown one, and nothing is changed: %s', async (kind) => {
    const ids = { ...theirs[kind] };
    ids.other = (kind === 'reported' && (await make?.(a, ids))) || randomUUID();
    const before = await everything();
    const answer = await send(route, expectation, ids);
    expect(await everything()).toEqual(before);
    if (foreign !== undefined) return expect(answer.json).toEqual(foreign(ids));
    const unknown = unknownIds();
    expect(comparable(answer, ids)).toEqual(comparable(await send(route, expectation, unknown), unknown));
  });
});

describe('another tenant’s id beside one’s own', () => {
  const job = (path: (id: string) => string) => (ids: Ids) => path(ids.job);
  /** The calls in which a list, a filter or a body can name one. */
  const calls: { what: string; path(ids: Ids): string; body?: object }[] = [
    { what: 'a list of jobs', path: job((id) => `/job?job_id=${mine.job}&job_id=${id}`) },
    { what: 'a list to enable', path: job((id) => `/job/${mine.job},${id}/enable`), body: { enable: true } },
    { what: 'a list to notify', path: job((id) => `/job/${id},${mine.job}/notify`), body: { webhook: '' } },
    { what: 'a filter of executions', path: job((id) => `/execution?job_id=${id}&state=running`) },
    { what: 'a filter of statuses', path: job((id) => `/jobstatus?job_id=${id}&job_status=executing`) },
    { what: 'a filter of deliveries', path: job((id) => `/webhook/delivery?job_id=${id}`) },
    { what: 'a filter of the audit', path: job((id) => `/audit?object_id=${id}`) },
    { what: 'an output to follow', path: ({ execution: id }) => `/execution/${id}/output?follow=true` },
  ];

  it.each(calls)('in $what is answered as an unknown one', async ({ path, body }) => {
    const method = body === undefined ? 'GET' : 'PUT';
    for (const kind of KINDS) {
      const [ids, unknown] = [theirs[kind], unknownIds()];
      const before = await everything();
      const answer = await b.call<unknown>(method, path(ids), body);
      const expected = await b.call<unknown>(method, path(unknown), body);
      expect(comparable(answer, ids)).toEqual(comparable(expected, unknown));
      expect(await everything()).toEqual(before);
    }
  });

  it('in a list to delete is passed over', async () => {
    const own = await b.create(jobBody(target.url('ok')));
    await b.must(200, 'DELETE', `/job/${theirs.running.job},${own},${theirs.ended.job}`);
    expect((await b.call('GET', `/job?job_id=${own}`)).status).toBe(404);
    for (const kind of KINDS) expect(await a.get(`/job?job_id=${theirs[kind].job}`)).toHaveLength(1);
  });

  it('in a request with a context of its own is nobody’s job, as an unknown one', async () => {
    const context = { mode: 'http', exec: target.url('hang'), info: {} };
    const ask = async (job_id: string) => {
      const answer = await b.call<{ execute_id: string }>('POST', '/jobexecution', {
        job_id,
        job_context: context,
      });
      const execution = answer.json.execute_id;
      await eventually(async () => expect((await b.execution(execution)).state).toBe('running'));
      return { execution, neutral: comparable(answer, { job: job_id, execution, other: '' }) };
    };
    const [answer, expected] = [await ask(theirs.ended.job), await ask(randomUUID())];
    expect(answer.neutral).toEqual(expected.neutral);
    expect((await b.execution(answer.execution)).job_id).toBe('');
    const runs = await a.executions(`job_id=${theirs.ended.job}`);
    expect(runs.map(({ execute_id }) => execute_id)).not.toContain(answer.execution);
  });

  it('in a report is named in failed_job_id, and its execution too, whatever else is right', async () => {
    const { job, execution } = theirs.reported;
    const before = await everything();
    const items = [
      reportOf({ job: mine.job, execution }),
      reportOf({ job, execution: mine.execution }),
      reportOf({ job, execution: randomUUID() }),
    ];
    expect(await b.must(200, 'PUT', '/jobstatus', items)).toEqual({ failed_job_id: [mine.job, job, job] });
    expect(await everything()).toEqual(before);
  });
});

/** Whoever chooses an id must be told that it is taken; nothing else of it is told. */
describe('the one exception', () => {
  it.each(KINDS)('is an execute_id of the caller’s own that another tenant has: 409, %s', async (kind) => {
    const { execution } = theirs[kind];
    const before = await everything();
    const context = { mode: 'http', exec: target.url('ok'), info: {}, execute_id: execution };
    const { status, json } = await b.call('POST', '/jobexecution', { job_context: context });
    expect([status, json.cause, json.detail]).toEqual([
      409,
      'This execute_id is already in use',
      { conflicts: ['execute_id'] },
    ]);
    expect(await everything()).toEqual(before);
  });
});
