import { once } from 'node:events';
import { createServer } from 'node:https';
import { type AddressInfo } from 'node:net';
import { PREFIX } from '../support/api.js';
import { eventually } from '../support/eventually.js';
import { UNTRUSTED_TLS } from '../support/fixtures.js';
import { jobBody, oneShot, rfc3339, secondAhead } from '../support/jobs.js';
import { useRig } from '../support/rig.js';
import { type ExecutionView } from '../support/shapes.js';
import { Target, type SeenRequest } from '../support/target.js';

const ONCE = { retry: { max_attempts: 1 } };

const rig = useRig();

/** Runs a context of this `info` once, to its end. */
async function run(url: string, info: object = {}): Promise<ExecutionView> {
  const jobId = await rig.api.create(jobBody(url, {}, { info, policy: ONCE }));
  const { execute_id } = await rig.api.run({ job_id: jobId });
  return eventually(async () => {
    const execution = await rig.api.execution(execute_id);
    expect(execution.ended_at).not.toBe('');
    return execution;
  });
}

/** The one request that a run of this `info` sends to this path. */
async function received(path: string, info: object = {}): Promise<SeenRequest> {
  await run(rig.target.url + path, info);
  const seen = await rig.target.seen(path);
  expect(seen).toHaveLength(1);
  return seen[0] as SeenRequest;
}

describe('the request an HTTP target receives', () => {
  it('tells execution, job, slot, attempt, key and where the result may go', async () => {
    const at = secondAhead(1000);
    const jobId = await rig.api.create(oneShot(`${rig.target.url}/ok/headers?a=1&b=%20`, at));
    const [seen] = await eventually(async () => {
      const requests = await rig.target.seen('/ok/headers');
      expect(requests).toHaveLength(1);
      return requests;
    });
    const [execution] = await rig.api.executions(`job_id=${jobId}`);
    const executeId = execution?.execute_id ?? '';
    expect(seen?.path).toBe('/ok/headers?a=1&b=%20');
    expect(seen?.headers).toMatchObject({
      webhook: `${PREFIX}/executionresult/${executeId}`,
      'x-ecron-execute-id': executeId,
      'x-ecron-job-id': jobId,
      'x-ecron-attempt': '1',
      'idempotency-key': executeId,
      'user-agent': expect.stringMatching(/^ecron\/\d/) as unknown,
      'content-type': 'application/json',
    });
    expect(Date.parse(seen?.headers['x-ecron-slot'] ?? '')).toBe(at.getTime());
    expect(seen?.headers['x-ecron-slot']).toBe(rfc3339(at));
  });

  it('has no slot when it was asked for', async () => {
    expect((await received('/ok/request')).headers['x-ecron-slot']).toBeUndefined();
  });

  it.each([
    ['GET', 'GET'],
    ['DELETE', 'DELETE'],
    ['PUT', 'PUT'],
    ['POST', 'POST'],
    ['PATCH', 'PATCH'],
    ['HEAD', 'HEAD'],
    ['get', 'GET'],
    ['', 'POST'],
  ])('goes out for the method %p as %s', async (method, expected) => {
    const seen = await received(`/ok/method-${method || 'none'}`, { method, body: { a: 1 } });
    expect(seen.method).toBe(expected);
    if (['GET', 'DELETE'].includes(expected)) expect(seen.body).toBe('');
    if (['PUT', 'POST', 'PATCH'].includes(expected)) expect(seen.body).toBe('{"a":1}');
  });

  it('goes out as POST without a method', async () => {
    expect((await received('/ok/no-method')).method).toBe('POST');
  });

  it.each(['PUT', 'POST'])('carries the four bytes null for %s without a body', async (method) => {
    expect((await received(`/ok/null-${method}`, { method })).body).toBe('null');
  });

  it('carries the body as compact JSON', async () => {
    const body = { b: [1, 2, { c: null }], a: '<&>é', n: 1.5 };
    const seen = await received('/ok/body', { body });
    expect(JSON.parse(seen.body)).toEqual(body);
    expect(seen.body).not.toMatch(/\s/);
    expect(Number(seen.headers['content-length'])).toBe(Buffer.byteLength(seen.body));
  });

  it('carries escaped pairs where the job says it is a form', async () => {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const seen = await received('/ok/form', { headers, body: { a: '1&2', 'b c': 'ü=x' } });
    expect(Object.fromEntries(new URLSearchParams(seen.body))).toEqual({ a: '1&2', 'b c': 'ü=x' });
    expect(seen.headers['content-type']).toBe('application/x-www-form-urlencoded');
  });

  it('carries the headers of the job, which win over what is not ours alone', async () => {
    const headers = {
      'X-Own': 'mine',
      'User-Agent': 'mine/1',
      'Content-Type': 'text/x-mine',
      Authorization: 'Basic abc',
    };
    const seen = await received('/ok/own-headers', { headers });
    expect(seen.headers).toMatchObject({
      'x-own': 'mine',
      'user-agent': 'mine/1',
      'content-type': 'text/x-mine',
      authorization: 'Basic abc',
    });
  });

  it.each(['Webhook', 'X-Ecron-Execute-Id', 'x-ecron-job-id', 'x-ecron-attempt', 'Idempotency-Key'])(
    'does not let the job set %s',
    async (name) => {
      const seen = await received(`/ok/forged-${name}`, { headers: { [name]: 'forged' } });
      expect(seen.rawHeaders.filter(([one]) => one === name.toLowerCase())).toHaveLength(1);
      expect(seen.headers[name.toLowerCase()]).not.toBe('forged');
    },
  );

  it('does not let the job set a slot', async () => {
    const seen = await received('/ok/forged-slot', { headers: { 'X-Ecron-Slot': 'forged' } });
    expect(JSON.stringify(seen)).not.toContain('forged"');
  });

  it('makes no use of params', async () => {
    const seen = await received('/ok/params', { params: { a: 'parameter' } });
    expect(JSON.stringify(seen)).not.toContain('parameter');
  });
});

describe('redirects', () => {
  it('are followed, a 302 by GET without a body', async () => {
    expect((await run(`${rig.target.url}/redirect/9/nine`)).state).toBe('succeeded');
    const seen = (await rig.target.seen('/redirect/')).filter((one) => one.path.endsWith('/nine'));
    expect(seen.map((one) => one.method)).toEqual(['POST', ...Array.from({ length: 9 }, () => 'GET')]);
    expect(seen.at(-1)).toMatchObject({ body: '', headers: { webhook: seen[0]?.headers.webhook } });
  });

  it('are followed, a 307 with method and body', async () => {
    await run(`${rig.target.url}/redirect307/1/keep`, { body: { a: 1 } });
    const seen = await rig.target.seen('/redirect307/0/keep');
    expect(seen).toMatchObject([{ method: 'POST', body: '{"a":1}' }]);
  });

  it('end after ten', async () => {
    expect((await run(`${rig.target.url}/redirect/11/eleven`)).state).toBe('abandoned');
    expect(await rig.target.seen('/redirect/0/eleven')).toEqual([]);
  });

  it('drop credentials towards another origin', async () => {
    const other = await Target.start();
    try {
      const headers = { Authorization: 'Basic abc', Cookie: 'a=b', 'X-Own': 'mine' };
      await run(`${rig.target.url}/redirect-to?${other.url}/ok/elsewhere`, { headers });
      const [first, second] = [await rig.target.seen('/redirect-to'), await other.seen('/ok/elsewhere')];
      expect(first).toMatchObject([{ headers: { authorization: 'Basic abc' } }]);
      expect(second).toHaveLength(1);
      expect(second[0]?.headers).not.toHaveProperty('authorization');
      expect(second[0]?.headers).not.toHaveProperty('cookie');
    } finally {
      await other.stop();
    }
  });
});

describe('an https target', () => {
  it('is not called when its certificate cannot be verified', async () => {
    let calls = 0;
    const server = createServer(UNTRUSTED_TLS, (_, response) => {
      calls += 1;
      response.end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const execution = await run(`https://localhost:${(server.address() as AddressInfo).port}/`);
      expect(execution).toMatchObject({ state: 'abandoned', attempts: [{ outcome: 'failed' }] });
      expect(calls).toBe(0);
    } finally {
      server.close();
    }
  });
});
