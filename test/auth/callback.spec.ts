import { createHmac, randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { CallbackService } from '@ecron/jobs';
import { callbackSecret } from '@ecron/persistence';
import { type Answer, type Api } from '../support/api.js';
import { eventually } from '../support/eventually.js';
import { jobBody } from '../support/jobs.js';
import { CALLERS, introduce } from './callers.js';
import { SecuredApp } from './secured-app.js';

jest.setTimeout(120_000);

const [FIRST, SECOND] = ['f'.repeat(32), 's'.repeat(32)];
const RESULT = { rows: 7 };
const PATH = /^\/api\/ecron-management\/v1\/executionresult\/([^?]+)(?:\?key=([\w-]+))?$/;

/** A run of tenant A that waits for its callback, and the address that its target was given. */
interface Waiting {
  id: string;
  address: string;
  key: string;
}

let target: Server;
let url: string;
const addresses = new Map<string, string>();

beforeAll(async () => {
  target = createServer(({ headers }, response) => {
    addresses.set(String(headers['x-ecron-execute-id']), String(headers['webhook']));
    response.writeHead(202).end('{}');
  });
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(target.address() as AddressInfo).port}/`;
});
afterAll(() => target.close());

async function start(env: Record<string, string> = {}): Promise<SecuredApp> {
  const app = await SecuredApp.start(env);
  introduce(app.tokens);
  return app;
}

const tenantA = (app: SecuredApp): Api => app.api.as(CALLERS['tenant A'].token);
const tenantB = (app: SecuredApp): Api => app.api.as(CALLERS['tenant B'].token);

async function startRun(app: SecuredApp): Promise<Waiting> {
  const a = tenantA(app);
  const { execute_id: id } = await a.run({ job_id: await a.create(jobBody(url)) });
  await eventually(async () => expect((await a.execution(id)).state).toBe('accepted'));
  const address = addresses.get(id) ?? '';
  return { id, address, key: PATH.exec(address)?.[2] ?? '' };
}

const stateOf = async (app: SecuredApp, { id }: Waiting) => (await tenantA(app).execution(id)).state;
const post = (client: Api, address: string) => client.at('POST', address, RESULT);
const withoutId = ({ status, text }: Answer<unknown>, id: string) => [status, text.replaceAll(id, 'ID')];

describe('the address that a target is given', () => {
  let app: SecuredApp;
  beforeAll(async () => {
    app = await start({ ECRON_CALLBACK_SECRET: FIRST });
  });
  afterAll(() => app.stop());

  it('holds the key of its execution', async () => {
    const { id, address } = await startRun(app);
    const key = createHmac('sha256', FIRST).update(id).digest('base64url');
    expect(address).toBe(`/api/ecron-management/v1/executionresult/${id}?key=${key}`);
  });

  it('is enough, once', async () => {
    const run = await startRun(app);
    expect((await post(app.api, run.address)).status).toBe(200);
    expect(await stateOf(app, run)).toBe('succeeded');
    expect((await tenantA(app).execution(run.id)).result).toEqual(RESULT);
    expect((await app.api.at('POST', run.address, { rows: 8 })).status).toBe(200);
    expect((await tenantA(app).execution(run.id)).result).toEqual(RESULT);
  });

  it.each(['tenant B', 'read-only', 'garbage', 'expired'] as const)(
    'is enough beside the token of %s, too',
    async (name) => {
      const run = await startRun(app);
      expect((await post(app.api.as(CALLERS[name].token), run.address)).status).toBe(200);
      expect(await stateOf(app, run)).toBe('succeeded');
    },
  );

  it('is enough while the token server is away', async () => {
    const run = await startRun(app);
    app.tokens.override = { status: 500, text: '' };
    try {
      expect((await post(app.api, run.address)).status).toBe(200);
    } finally {
      app.tokens.override = null;
    }
    expect(await stateOf(app, run)).toBe('succeeded');
  });

  it('lets nobody in anywhere else', async () => {
    const { id, key } = await startRun(app);
    for (const path of [`/execution/${id}`, `/execution/${id}/output`, `/jobstatus?job_id=${id}`]) {
      const withKey = `${path}${path.includes('?') ? '&' : '?'}key=${key}`;
      expect((await app.api.call('GET', withKey)).status).toBe(401);
    }
    expect((await app.api.call('POST', `/execution/${id}/cancel?key=${key}`, {})).status).toBe(401);
  });

  it('is in no log, whatever becomes of the call', async () => {
    const run = await startRun(app);
    const complete = jest
      .spyOn(CallbackService.prototype, 'complete')
      .mockRejectedValueOnce(new Error('broken'));
    expect((await post(app.api, run.address)).status).toBe(500);
    complete.mockRestore();
    expect((await post(app.api, `${run.address}x`)).status).toBe(401);
    expect((await app.api.at('GET', run.address)).status).toBe(405);
    expect((await post(app.api, run.address)).status).toBe(200);
    expect(app.lines.join('\n')).toContain('broken');
    expect(app.lines.join('\n')).not.toContain(run.key);
  });

  it('says nothing of a body before it has let anyone in', async () => {
    const { id, address } = await startRun(app);
    expect((await app.api.at('POST', address.replace(/.$/, ''), [])).status).toBe(401);
    expect((await app.api.at('POST', address, [])).status).toBe(400);
    expect(await stateOf(app, { id, address, key: '' })).toBe('accepted');
  });
});

describe('a callback without its key', () => {
  let app: SecuredApp;
  beforeAll(async () => {
    app = await start({ ECRON_CALLBACK_SECRET: FIRST });
  });
  afterAll(() => app.stop());

  it('is taken with a token of the tenant, and with that of an admin', async () => {
    for (const client of [tenantA(app), app.api.as(CALLERS.admin.token)]) {
      const run = await startRun(app);
      expect((await post(client, run.address.replace(/\?.*/, ''))).status).toBe(200);
      expect(await stateOf(app, run)).toBe('succeeded');
    }
  });

  it('or with a wrong one is 401 without a valid token, whatever the id', async () => {
    const [run, other, unknown] = [await startRun(app), await startRun(app), randomUUID()];
    const queries = ['', '?key=', `?key=${other.key}`, `?key=${run.key}x`, '?key=%00', `?KEY=${run.key}`];
    for (const client of [app.api, app.api.as(CALLERS.garbage.token)]) {
      const answers = await Promise.all(
        queries.flatMap((query) =>
          [run.id, unknown].map(async (id) =>
            withoutId(await client.call('POST', `/executionresult/${id}${query}`, RESULT), id),
          ),
        ),
      );
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
      expect(answers[0]?.[0]).toBe(401);
    }
    expect(await stateOf(app, run)).toBe('accepted');
  });

  it('of a foreign id is answered as that of an unknown one, with a valid token', async () => {
    const [run, other, unknown] = [await startRun(app), await startRun(app), randomUUID()];
    for (const query of ['', `?key=${other.key}`]) {
      const foreign = await tenantB(app).call('POST', `/executionresult/${run.id}${query}`, RESULT);
      const none = await tenantB(app).call('POST', `/executionresult/${unknown}${query}`, RESULT);
      expect(foreign.status).toBe(404);
      expect(withoutId(foreign, run.id)).toEqual(withoutId(none, unknown));
    }
    expect(await stateOf(app, run)).toBe('accepted');
  });
});

describe('the secret of callback keys', () => {
  it('may be replaced: the key of the one before is taken while it stands behind the new one', async () => {
    const app = await start({ ECRON_CALLBACK_SECRET: `${SECOND}, ${FIRST}` });
    try {
      const run = await startRun(app);
      const keyOf = (secret: string) => createHmac('sha256', secret).update(run.id).digest('base64url');
      expect(run.key).toBe(keyOf(SECOND));
      const old = `/executionresult/${run.id}?key=${keyOf(FIRST)}`;
      expect((await app.api.call('POST', old, RESULT)).status).toBe(200);
    } finally {
      await app.stop();
    }
  });

  it('is made once and kept in the database where none is configured', async () => {
    const app = await start();
    try {
      const { id, key } = await startRun(app);
      const kept = await callbackSecret(app.platform.database, app.platform.sealer);
      expect(kept).toMatch(/^[0-9a-f]{64}$/);
      expect(key).toBe(createHmac('sha256', kept).update(id).digest('base64url'));
    } finally {
      await app.stop();
    }
  });

  it('is not needed where authentication is off', async () => {
    const app = await start({ ECRON_AUTH_ENABLED: 'false', ECRON_CALLBACK_SECRET: FIRST });
    try {
      const run = await startRun(app);
      expect(run.address).toBe(`/api/ecron-management/v1/executionresult/${run.id}`);
      expect((await post(app.api, run.address)).status).toBe(200);
    } finally {
      await app.stop();
    }
  });
});
