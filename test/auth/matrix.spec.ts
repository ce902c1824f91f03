import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { type Answer, type Api } from '../support/api.js';
import { eventually } from '../support/eventually.js';
import { jobBody } from '../support/jobs.js';
import { CALLER_NAMES, CALLERS, type CallerName, introduce, type MatrixCaller } from './callers.js';
import { BESIDE, callOf, type Expectation, EXPECTATIONS, type Ids } from './expectations.js';
import { SecuredApp } from './secured-app.js';

jest.setTimeout(120_000);

const REFUSED: Partial<Record<CallerName, string>> = {
  'no token': 'Empty token',
  garbage: 'Token expired',
  expired: 'Token expired',
};

let app: SecuredApp;
let target: Server;
let a: Api;
let url: string;

beforeAll(async () => {
  target = createServer((_, response) => void response.end('{}'));
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(target.address() as AddressInfo).port}/`;
  app = await SecuredApp.start({ ECRON_RATE_LIMIT_CALLER: '0', ECRON_RATE_LIMIT_ADDRESS: '0' });
  introduce(app.tokens);
  a = clientOf('tenant A');
});
afterAll(async () => {
  await app.stop();
  target.close();
});

function clientOf(name: CallerName): Api {
  const { token } = CALLERS[name];
  return token === null ? app.api : app.api.as(token);
}

/** A job of tenant A that nothing runs, and an execution that tenant A has reported. */
async function createIds(): Promise<Ids> {
  const job = await a.create(jobBody(url));
  const execution = randomUUID();
  const item = { execute_id: execution, job_id: job, job_type: 'scheduled', job_status: 'executing' };
  await a.must(200, 'PUT', '/jobstatus', [{ ...item, execute_times: 1 }]);
  return { job, execution, other: '' };
}

/** A run of tenant A whose target has said that its result will follow. */
async function createRun(): Promise<Ids> {
  const job = await a.create(jobBody(url, {}, { policy: { completion: 'callback' } }));
  const { execute_id: execution } = await a.run({ job_id: job });
  await eventually(async () => expect((await a.execution(execution)).state).toBe('accepted'));
  return { job, execution, other: '' };
}

const UNKNOWN = (): Ids => ({ job: randomUUID(), execution: randomUUID(), other: randomUUID() });

async function send(
  client: Api,
  route: string,
  expectation: Expectation,
  ids: Ids,
): Promise<Answer<unknown>> {
  const { method, path, body } = callOf(route, expectation, ids);
  return client.at(method, path, body);
}

/** An answer without what differs from call to call. */
function comparable({ status, text, headers }: Answer<unknown>, ids: Ids) {
  const neutral = Object.values<string>({ ...ids }).reduce(
    (left, id) => (id === '' ? left : left.replaceAll(id, 'ID')),
    text,
  );
  return { status, text: neutral, type: headers['content-type'] };
}

async function stateOf({ job, execution }: Ids): Promise<unknown> {
  const [kept, run] = [
    await a.call('GET', `/job?job_id=${job}`),
    await a.call('GET', `/execution/${execution}`),
  ];
  return [kept.json, run.json];
}

describe('the matrix', () => {
  it('has a row for each route of the service, and no other', () => {
    const rows = new Set(Object.keys(EXPECTATIONS).map((row) => row.replace(/ #.*/, '')));
    const routes = app.routes.filter((route) => !BESIDE.some((pattern) => pattern.test(route)));
    expect(routes).toEqual([...rows].sort());
  });
});

describe.each(Object.entries(EXPECTATIONS))('%s', (route, expectation) => {
  const { needs, status = 200, isAbout, isOfOurs, foreign, make } = expectation;
  const isForeign = (tenant: MatrixCaller['tenant']) =>
    tenant === 'b' || (tenant === 'ops' && expectation.isOfOneTenant === true);

  it.each(CALLER_NAMES)('answers %s as it should', async (name) => {
    const { tenant, permissions }: MatrixCaller = CALLERS[name];
    const ids = await (isOfOurs ? createRun() : createIds());
    ids.other = (await make?.(a, ids)) ?? '';
    const before = await stateOf(ids);
    const answer = await send(clientOf(name), route, expectation, ids);
    if (needs === 'nothing') {
      expect(answer.status).toBe(status);
    } else if (tenant === null) {
      expectUnauthorized(answer, REFUSED[name]);
    } else if (!permissions.includes(needs)) {
      expectForbidden(answer, needs);
    } else if (isForeign(tenant) && foreign) {
      expect([answer.status, answer.json]).toEqual([status, foreign(ids)]);
    } else if (isForeign(tenant) && isAbout === 'an id') {
      await expectAsUnknown(clientOf(name), answer, ids);
    } else {
      expect(answer.status).toBe(status);
      if (tenant === 'b') expectNothingOf(ids, answer);
      return;
    }
    expect(await stateOf(ids)).toEqual(before);
  });

  async function expectAsUnknown(client: Api, answer: Answer<unknown>, ids: Ids): Promise<void> {
    const unknown = UNKNOWN();
    const expected = await send(client, route, expectation, unknown);
    expect(comparable(answer, ids)).toEqual(comparable(expected, unknown));
  }
});

function expectUnauthorized(answer: Answer<unknown>, cause: string | undefined): void {
  const body = { cause, code: 401009001, message: '授权无效。', detail: { parameters: ['Authorization'] } };
  expect([answer.status, answer.json]).toEqual([401, body]);
  expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
}

function expectForbidden(answer: Answer<unknown>, permission: string): void {
  const cause = `The permission ${permission} is missing`;
  const body = { cause, code: 403009001, message: '没有权限。', detail: null };
  expect([answer.status, answer.json]).toEqual([403, body]);
  expect(answer.headers['www-authenticate']).toBe(`Bearer error="insufficient_scope", scope="${permission}"`);
}

function expectNothingOf(ids: Ids, { text }: Answer<unknown>): void {
  expect(text).not.toContain(ids.job);
  expect(text).not.toContain(ids.execution);
  expect(text).not.toContain('tenant-a');
}

describe('a context of its own', () => {
  it('is run only for whoever may write jobs too', async () => {
    const body = { job_context: { mode: 'http', exec: url, info: {} } };
    const refused = await clientOf('execute-only').call('POST', '/jobexecution', body);
    expectForbidden(refused, 'ecron.job.write');
    await a.must(200, 'POST', '/jobexecution', body);
  });
});

describe('the list of DELETE', () => {
  it('deletes what is one’s own of it, and leaves the rest alone', async () => {
    const [theirs, mine] = [await createIds(), await clientOf('tenant B').create(jobBody(url))];
    const before = await stateOf(theirs);
    await clientOf('tenant B').must(200, 'DELETE', `/job/${theirs.job},${mine},${randomUUID()}`);
    expect(await stateOf(theirs)).toEqual(before);
    expect((await clientOf('tenant B').call('GET', `/job?job_id=${mine}`)).status).toBe(404);
  });
});
