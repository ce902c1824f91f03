import { describeWith, type Endpoints, endpointOf } from '@ecron/testing';
import { eventually } from '../support/eventually.js';
import { jobBody } from '../support/jobs.js';
import { OwnServices } from '../support/services.js';
import { createClient, fetchToken, revokeToken } from './hydra-clients.js';
import { SecuredApp } from './secured-app.js';

jest.setTimeout(180_000);

const JOB = jobBody('http://127.0.0.1:9/never');

const startAt = (hydra: Endpoints['hydra'], env: Record<string, string> = {}): Promise<SecuredApp> =>
  SecuredApp.start({ ECRON_OAUTH_ADMIN_PORT: new URL(hydra.admin).port, ...env });

describeWith('hydra', 'with tokens of a real Hydra', (hydra) => {
  let app: SecuredApp;
  beforeAll(async () => {
    app = await startAt(hydra);
  });
  afterAll(() => app.stop());

  it('lets a client in, whose id is the tenant', async () => {
    const [mine, theirs] = [await createClient(hydra), await createClient(hydra)];
    const [a, b] = [app.api.as(await fetchToken(hydra, mine)), app.api.as(await fetchToken(hydra, theirs))];
    const id = await a.create(JOB);
    expect((await a.job(id)).tenant_id).toBe(mine.id);
    expect((await b.call('GET', `/job?job_id=${id}`)).status).toBe(404);
  });

  it('refuses a token that Hydra does not know', async () => {
    const token = await fetchToken(hydra, await createClient(hydra));
    const answer = await app.api.as(`${token}x`).call('GET', '/jobtotal');
    expect([answer.status, answer.json.cause]).toEqual([401, 'Token expired']);
  });

  it('gives no more than the scopes that a token was asked for with', async () => {
    const client = await createClient(hydra, { scope: 'ecron.job.read ecron.job.write ecron.admin' });
    const reader = app.api.as(await fetchToken(hydra, client, 'ecron.job.read'));
    expect((await reader.call('GET', '/jobtotal')).status).toBe(200);
    expect((await reader.call('POST', '/job', JOB)).status).toBe(403);
    const admin = app.api.as(await fetchToken(hydra, client, 'ecron.admin'));
    expect((await admin.call('GET', '/node')).status).toBe(200);
  });

  it('believes in no token beyond its end', async () => {
    const client = await createClient(hydra, { lifespan: '3s' });
    const api = app.api.as(await fetchToken(hydra, client));
    expect((await api.call('GET', '/jobtotal')).status).toBe(200);
    await eventually(async () => expect((await api.call('GET', '/jobtotal')).status).toBe(401), 30_000);
  });

  it('refuses a revoked token at once where nothing is kept', async () => {
    const own = await startAt(hydra, { ECRON_AUTH_CACHE_S: '0' });
    try {
      const client = await createClient(hydra);
      const token = await fetchToken(hydra, client);
      expect((await own.api.as(token).call('GET', '/jobtotal')).status).toBe(200);
      await revokeToken(hydra, client, token);
      expect((await own.api.as(token).call('GET', '/jobtotal')).status).toBe(401);
    } finally {
      await own.stop();
    }
  });
});

describeWith('hydra', 'with a Hydra that dies', () => {
  let services: OwnServices;
  let hydra: Endpoints['hydra'];
  let app: SecuredApp;
  beforeAll(async () => {
    services = await OwnServices.start(['hydra']);
    hydra = endpointOf('hydra') as Endpoints['hydra'];
    app = await startAt(hydra, { ECRON_AUTH_CACHE_S: '0' });
  });
  afterAll(async () => {
    await app?.stop();
    await services?.discard();
  });

  it('lets nobody in until it is back, and answers health meanwhile', async () => {
    const before = app.api.as(await fetchToken(hydra, await createClient(hydra)));
    expect((await before.call('GET', '/jobtotal')).status).toBe(200);
    await services.crash('hydra');
    await eventually(async () => {
      const { status, json } = await before.call('GET', '/jobtotal');
      expect([status, json.code, json.cause]).toEqual([503, 503009001, 'Token server is unavailable']);
    });
    expect((await app.api.call('GET', '/jobtotal')).status).toBe(401);
    expect((await app.api.call('GET', '/health/alive')).status).toBe(200);
    await services.up('hydra');
    const after = app.api.as(await fetchToken(hydra, await createClient(hydra)));
    expect((await after.call('GET', '/jobtotal')).status).toBe(200);
  });
});
