import { createServer, type Server } from 'node:https';
import { type AddressInfo } from 'node:net';
import { type TLSSocket } from 'node:tls';
import * as pem from '../support/certificates.js';
import { eventually } from '../support/eventually.js';
import { jobBody } from '../support/jobs.js';
import { bad, refusalOf } from '../support/refusals.js';
import { useRig } from '../support/rig.js';
import { type ExecutionView } from '../support/shapes.js';

const NEVER_CALLED = 'https://127.0.0.1:1/never-called';
const MASK = '********';

const rig = useRig();

async function runJob(jobId: string): Promise<ExecutionView> {
  const { execute_id } = await rig.api.run({ job_id: jobId });
  return eventually(async () => {
    const execution = await rig.api.execution(execute_id);
    expect(execution.ended_at).not.toBe('');
    return execution;
  });
}

const create = (url: string, info: object): Promise<string> =>
  rig.api.create(jobBody(url, {}, { info, policy: { retry: { max_attempts: 1 } } }));

describe('the options of an HTTP job', () => {
  it('are shown as they were set, and not at all where they were not', async () => {
    const info = {
      method: 'PUT',
      max_redirects: 0,
      body_text: '<a/>',
      success_codes: ['200-299', 409],
      assert: { json_path: '$.state', equals: ['ok', 1], matches: 'ok' },
      keep_head: true,
      tls: { verify: false },
    };
    expect((await rig.api.job(await create(NEVER_CALLED, info))).job_context.info).toMatchObject(info);
    const unset = Object.fromEntries(Object.keys(info).map((name) => [name, null]));
    const stored = (await rig.api.job(await create(NEVER_CALLED, unset))).job_context.info;
    expect(Object.keys(stored)).toEqual(['method', 'params', 'headers', 'body', 'kubernetes']);
  });

  it.each<[object, string, string]>([
    [{ max_redirects: 21 }, 'max_redirects', 'must be a whole number from 0 to 20'],
    [{ max_redirects: '1' }, 'max_redirects', 'must be an integer number'],
    [{ body_text: 1 }, 'body_text', 'must be a string'],
    [{ body_text: 'a', method: 'GET' }, 'body_text', 'is not sent by GET'],
    [{ success_codes: 200 }, 'success_codes', 'must be a list of numbers and texts'],
    [{ success_codes: [200, null] }, 'success_codes', 'must be a list of numbers and texts'],
    [
      { success_codes: [200, 100] },
      'success_codes[1]',
      'must be a status from 200 to 599 or a range such as "200-299"',
    ],
    [{ assert: 'ok' }, 'assert', 'must be an object'],
    [{ assert: { json_path: 1 } }, 'assert.json_path', 'must be a string'],
    [
      { assert: { matches: '(?=a)' } },
      'assert.matches',
      'must be a regular expression of RE2 (no look-around, no back-references)',
    ],
    [{ keep_head: 'yes' }, 'keep_head', 'must be a boolean value'],
    [{ tls: { ca: 'x' } }, 'tls.ca', 'must be certificates in PEM'],
    [{ tls: { cert: pem.CLIENT, key: pem.SERVER_KEY } }, 'tls.key', 'does not belong to cert'],
    [
      { tls: { cert: pem.CLIENT, key: MASK } },
      'tls.key',
      'must be the secret: none is stored that this could keep',
    ],
  ])('are refused as %j', async (info, member, rule) => {
    const path = `job_context.info.${member}`;
    const refusal = await refusalOf(rig.api, 'POST', '/job', jobBody(NEVER_CALLED, {}, { info }));
    expect(refusal).toEqual(bad(`${path} ${rule}`, path));
  });

  it('judge the answer, of which the head is kept where it failed', async () => {
    const url = `${rig.target.url}/ok/asserted`;
    expect((await runJob(await create(url, { success_codes: [404] }))).state).toBe('abandoned');
    const [attempt] = (await runJob(await create(url, { assert: { matches: 'no such word' } }))).attempts;
    expect(attempt).toMatchObject({
      outcome: 'failed',
      status_code: 200,
      error: 'the answer does not match assert.matches',
      response_headers: { 'content-type': 'application/json' },
    });
  });
});

describe('a client certificate', () => {
  let server: Server;

  beforeAll(async () => {
    const asking = { requestCert: true, ca: pem.CA, key: pem.SERVER_KEY, cert: pem.SERVER };
    server = createServer(asking, (request, response) => {
      response.end((request.socket as TLSSocket).getPeerCertificate().subject.CN);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });

  it('opens a door whose key nobody is shown, and which an edit of what is shown keeps', async () => {
    const url = `https://localhost:${(server.address() as AddressInfo).port}/`;
    const jobId = await create(url, { tls: { ca: pem.CA, cert: pem.CLIENT, key: pem.CLIENT_KEY } });
    const shown = await rig.api.job(jobId);
    expect(shown.job_context.info).toMatchObject({ tls: { ca: pem.CA, cert: pem.CLIENT, key: MASK } });
    const listed = await rig.api.call('GET', '/job?limit=1000');
    expect(JSON.stringify(listed)).not.toContain('PRIVATE KEY');
    const edit = await rig.api.call('PUT', `/job/${jobId}`, { ...shown, remarks: 'edited' });
    expect(edit.status).toBe(200);
    const { state, result } = await runJob(jobId);
    expect({ state, result }).toEqual({ state: 'succeeded', result: 'client one' });
  });
});
