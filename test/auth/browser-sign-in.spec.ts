import { randomUUID } from 'node:crypto';
import { describeWith, freePorts } from '@ecron/testing';
import { PREFIX } from '../support/api.js';
import { Browser, type Visited } from '../support/browser.js';
import { eventually } from '../support/eventually.js';
import { HydraClient } from '../support/hydra.js';
import { jobBody } from '../support/jobs.js';
import { type ErrorBody } from '../support/shapes.js';
import { Standalone } from '../support/standalone.js';

jest.setTimeout(60_000);

const SESSION = 'ecron-session';
const ALICE = { subject: 'alice' };

describeWith('hydra', 'signing in with a browser', (hydra) => {
  let app: Standalone;
  let client: HydraClient;
  let browser: Browser;
  let env: Record<string, string>;

  beforeAll(async () => {
    const port = await freePorts([0]);
    const redirectUrl = `http://127.0.0.1:${port}${PREFIX}/auth/callback`;
    client = await HydraClient.register(hydra, `browser-${randomUUID()}`, { redirect_uris: [redirectUrl] });
    const [admin, open] = [new URL(hydra.admin), new URL(hydra.public)];
    env = {
      ECRON_CRON_PORT: String(port),
      ECRON_AUTH_ENABLED: 'true',
      ECRON_AUTH_CACHE_S: '0',
      ECRON_OAUTH_ADMIN_ADDR: admin.hostname,
      ECRON_OAUTH_ADMIN_PORT: admin.port,
      ECRON_OAUTH_PUBLIC_ADDR: open.hostname,
      ECRON_OAUTH_PUBLIC_PORT: open.port,
      ECRON_OAUTH_CLIENT_ID: client.id,
      ECRON_OAUTH_CLIENT_SECRET: client.secret,
      ECRON_OAUTH_REDIRECT_URL: redirectUrl,
      ECRON_OAUTH_SCOPE: 'ecron.job.read ecron.job.write',
    };
    app = await Standalone.start(env);
  });
  afterAll(async () => {
    await app?.discard();
  });
  beforeEach(() => {
    browser = new Browser();
  });
  afterEach(async () => {
    await browser.close();
  });

  const api = (path: string): string => app.management + PREFIX + path;
  const call = (method: string, path: string, headers: Record<string, string> = {}, body?: object) =>
    browser.call(method, api(path), headers, body);
  const causeOf = ({ text }: Visited): string => (JSON.parse(text) as ErrorBody).cause;

  /** Up to the callback, which is not called yet. */
  const comeBack = (by = browser, person: { subject: string; consents?: boolean } = ALICE) =>
    client.signIn(by, api('/auth/login'), person, api('/auth/callback'));

  async function signIn(returnTo = '/docs'): Promise<Visited> {
    const login = api(`/auth/login?return_to=${encodeURIComponent(returnTo)}`);
    const { url } = await client.signIn(browser, login, ALICE, api('/auth/callback'));
    return browser.call('GET', url);
  }

  async function csrfToken(): Promise<string> {
    return (JSON.parse((await call('GET', '/auth/me')).text) as { csrf_token: string }).csrf_token;
  }

  it('leads through the token server back to where it began, and names the caller', async () => {
    const callback = await signIn('/docs?x=1#job');
    expect([callback.status, callback.headers['location']]).toEqual([302, '/docs?x=1#job']);
    const me = await call('GET', '/auth/me');
    expect([me.status, JSON.parse(me.text)]).toEqual([
      200,
      {
        user_id: 'alice',
        client_id: client.id,
        is_admin: false,
        permissions: ['ecron.job.read', 'ecron.job.write'],
        csrf_token: expect.stringMatching(/^[\w-]{32}$/) as unknown,
      },
    ]);
  });

  it('sends the browser away with a challenge by S256 and a state that is not guessed', async () => {
    const answers = [await call('GET', '/auth/login'), await call('GET', '/auth/login')];
    const queries = answers.map(({ headers }) => new URL(String(headers['location'])).searchParams);
    expect(queries.map((query) => query.get('code_challenge_method'))).toEqual(['S256', 'S256']);
    expect(queries[0]?.get('code_challenge')).toMatch(/^[\w-]{43}$/);
    expect(queries[0]?.get('state')).not.toBe(queries[1]?.get('state'));
  });

  it('gives a session that scripts and other sites cannot use, sealed, and no longer than its token', async () => {
    const { headers } = await signIn();
    const line = [headers['set-cookie'] ?? []].flat().find((one) => one.startsWith(`${SESSION}=`)) ?? '';
    expect(line).toMatch(/; HttpOnly/);
    expect(line).toMatch(/; SameSite=Strict/);
    const [, age] = /; Max-Age=(\d+)/.exec(line) ?? [];
    expect(Number(age)).toBeLessThanOrEqual(3600);
    expect(decodeURIComponent(line)).not.toContain('ory_at_');
  });

  it('lets a page of ours write that shows its token, and no other', async () => {
    await signIn();
    const own = { origin: app.management, 'sec-fetch-site': 'same-origin' };
    const shown = { ...own, 'x-csrf-token': await csrfToken() };
    const job = jobBody('http://127.0.0.1:9/');
    expect((await call('POST', '/job', shown, job)).status).toBe(201);
    for (const headers of [own, {}, { ...shown, origin: 'https://evil.example' }]) {
      const refused = await call('POST', '/job', headers, jobBody('http://127.0.0.1:9/'));
      expect([refused.status, (JSON.parse(refused.text) as ErrorBody).code]).toEqual([403, 403009001]);
    }
    expect(JSON.parse((await call('GET', '/jobtotal')).text)).toMatchObject({ total: 1 });
  });

  it('is not believed where a header says who calls', async () => {
    await signIn();
    expect((await call('GET', '/jobtotal', { authorization: 'Bearer garbage' })).status).toBe(401);
    expect((await call('GET', '/jobtotal')).status).toBe(200);
  });

  it.each(['https://evil.example/', '//evil.example/', '/\\evil.example'])(
    'does not lead on to %s',
    async (elsewhere) => {
      expect((await signIn(elsewhere)).headers['location']).toBe('/docs');
    },
  );

  it('takes a code only in the browser that asked for it, and once', async () => {
    const { url } = await comeBack();
    const thief = new Browser();
    const stolen = await thief.call('GET', url);
    expect([stolen.status, causeOf(stolen)]).toEqual([
      403,
      expect.stringContaining('not begun in this browser'),
    ]);
    expect(thief.cookie(app.management, SESSION)).toBeUndefined();
    await thief.close();
    expect((await browser.call('GET', url)).status).toBe(302);
    expect((await browser.call('GET', url)).status).toBe(403);
  });

  it.each(['state=x', 'code=x&state=x', 'code=x', 'error=server_error', 'code=a&code=b', ''])(
    'signs nobody in by a callback of %j',
    async (query) => {
      await call('GET', '/auth/login');
      expect((await call('GET', `/auth/callback?${query}`)).status).toBe(403);
      expect((await call('GET', '/auth/me')).status).toBe(401);
    },
  );

  it('signs nobody in who does not consent', async () => {
    const { url } = await comeBack(browser, { subject: 'bob', consents: false });
    const answer = await browser.call('GET', url);
    expect([answer.status, causeOf(answer)]).toEqual([403, 'The token server did not let you in']);
  });

  it('ends at sign-out, and takes the token back', async () => {
    await signIn();
    const [cookie = '', csrf] = [browser.cookie(app.management, SESSION), await csrfToken()];
    expect((await call('POST', '/auth/logout')).status).toBe(403);
    expect((await call('POST', '/auth/logout', { 'x-csrf-token': csrf })).status).toBe(200);
    expect(browser.cookie(app.management, SESSION)).toBeUndefined();
    browser.setCookie(app.management, SESSION, cookie);
    const kept = await call('GET', '/auth/me');
    expect([kept.status, causeOf(kept)]).toEqual([401, 'Token expired']);
    browser.setCookie(app.management, SESSION, '');
    expect((await call('POST', '/auth/logout')).status).toBe(200);
  });

  it('ends when the token server takes the token back', async () => {
    await signIn();
    expect((await call('GET', '/jobtotal')).status).toBe(200);
    await client.revokeAll('alice');
    await eventually(async () => expect((await call('GET', '/jobtotal')).status).toBe(401));
  });

  it('survives a restart of the service, and no change of a letter', async () => {
    await signIn();
    await app.stop();
    await app.boot();
    expect((await call('GET', '/jobtotal')).status).toBe(200);
    const cookie = browser.cookie(app.management, SESSION) ?? '';
    const changed = cookie.replace(/^./, (letter) => (letter === 'A' ? 'B' : 'A'));
    browser.setCookie(app.management, SESSION, changed);
    expect((await call('GET', '/jobtotal')).status).toBe(401);
  });

  it('is offered by the documentation, whose page writes with the session', async () => {
    const { text } = await browser.call('GET', `${app.management}/openapi.json`);
    expect(text).toContain(`${PREFIX}/auth/login?return_to=/docs`);
    expect((await browser.call('GET', `${app.management}/docs/swagger-ui-init.js`)).text).toContain(
      'x-csrf-token',
    );
  });
});

describe('without a client for browsers', () => {
  it('signing in is off, and says so', async () => {
    const app = await Standalone.start();
    try {
      for (const [method, path] of [
        ['GET', '/auth/login'],
        ['GET', '/auth/callback?code=x&state=y'],
        ['POST', '/auth/logout'],
      ] as const) {
        const { status, json } = await app.api.call(method, path);
        expect([path, status, json.cause]).toEqual([
          path,
          404,
          'Signing in with a browser is not configured (oauth_client_id)',
        ]);
      }
      expect(await app.api.get('/auth/me')).toMatchObject({ user_id: 'mock-user-id', csrf_token: '' });
    } finally {
      await app.discard();
    }
  });
});
