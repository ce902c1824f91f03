import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeWith } from '@ecron/testing';
import { type Api } from '../support/api.js';
import { type App } from '../support/app.js';
import { Canaries } from '../support/canaries.js';
import { CLIENT, CLIENT_KEY } from '../support/certificates.js';
import { Cluster } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import { IntrospectionServer } from '../support/introspection.js';
import { jobBody } from '../support/jobs.js';
import { NsqTap } from '../support/nsq-tap.js';
import { Standalone } from '../support/standalone.js';
import { Target } from '../support/target.js';

jest.setTimeout(120_000);

const MASK = '********';
const ONCE = { policy: { retry: { max_attempts: 1 } } };

interface Deployment {
  app: App;
  api: Api;
  target: Target;
  canaries: Canaries;
}

/** Secrets of the configuration. */
function configuration(canaries: Canaries): Record<string, string> {
  const hex = (place: string) => canaries.add(place, randomBytes(32).toString('hex'));
  return {
    ECRON_LOG_LEVEL: 'debug',
    ECRON_CALLBACK_SECRET: canaries.make('callback_secret'),
    ECRON_SECRET_KEY: hex('secret_key'),
    ECRON_SESSION_KEY: hex('session_key'),
    ECRON_OAUTH_CLIENT_ID: 'console',
    ECRON_OAUTH_CLIENT_SECRET: canaries.make('oauth_client_secret'),
    ECRON_OAUTH_REDIRECT_URL: 'http://127.0.0.1/api/ecron-management/v1/auth/callback',
  };
}

function secretJob({ canaries, target }: Deployment, path: string, info: object = {}) {
  return jobBody(
    `${target.url}${path}`,
    { enabled: true },
    {
      info: {
        headers: { 'X-Token': canaries.make(`header of ${path}`), 'x-open': 'seen' },
        secret_headers: ['x-token'],
        body: { password: canaries.make(`body of ${path}`) },
        secret_body: true,
        ...info,
      },
      ...ONCE,
    },
  );
}

const TEXT = (canaries: Canaries) => ({
  body: null,
  body_text: canaries.make('body_text'),
});

/** What the middle lines of the key say is said nowhere else. */
function clientTls(canaries: Canaries): object {
  canaries.add('tls.key', CLIENT_KEY.split('\n')[1] ?? '');
  return { cert: CLIENT, key: CLIENT_KEY };
}

async function create(deployment: Deployment, body: object): Promise<string> {
  const answer = await deployment.canaries.call<{ job_id: string }>(deployment.api, 'POST', '/job', body);
  expect([answer.status, answer.text]).toEqual([201, expect.any(String)]);
  return answer.json.job_id;
}

/** Runs it now and waits for its end. */
async function run({ api, canaries }: Deployment, body: object, state: string): Promise<void> {
  const answer = await canaries.call<{ execute_id: string }>(api, 'POST', '/jobexecution', body);
  expect(answer.status).toBe(200);
  const path = `/execution/${answer.json.execute_id}`;
  await eventually(async () => {
    expect((await canaries.call(api, 'GET', path)).json).toMatchObject({ state });
  }, 20_000);
}

/** Jobs of every kind of secret, which succeed, fail, call back and cannot start; what is refused; every list. */
async function useEverything(deployment: Deployment): Promise<void> {
  const { api, canaries, target } = deployment;
  const [fine, fails, calls] = [
    await create(deployment, secretJob(deployment, '/ok/canary')),
    await create(deployment, secretJob(deployment, '/status/500/canary')),
    await create(deployment, secretJob(deployment, '/callback-after/50/canary')),
  ];
  await run(deployment, { job_id: fine }, 'succeeded');
  await run(deployment, { job_id: fails }, 'abandoned');
  await run(deployment, { job_id: calls }, 'succeeded');
  const text = secretJob(deployment, '/ok/text', TEXT(canaries));
  await run(deployment, text, 'succeeded');
  const https = jobBody('https://127.0.0.1:9/', {}, { info: { tls: clientTls(canaries) }, ...ONCE });
  await run(deployment, { job_id: await create(deployment, https) }, 'abandoned');
  await beRefused(deployment, fine);
  await sendBack(deployment, fine);
  const made = await api.must<{ secret: string; secret_id: string }>(201, 'POST', '/webhook/secret', {});
  canaries.add('webhook secret', made.secret.replace('whsec_', ''));
  await canaries.call(api, 'PUT', `/job/${fine}/notify`, { webhook: `${target.url}/ok/hook` });
  await run(deployment, { job_id: fine }, 'succeeded');
  await eventually(async () => expect(await target.seen('/ok/hook')).toHaveLength(1), 20_000);
  const lists = [
    '/job?limit=1000',
    `/job?job_id=${fine}`,
    `/job/${fine}/slot`,
    '/execution',
    '/audit',
    '/webhook/secret',
    '/webhook/delivery',
    '/jobstatus?job_id=' + fine,
    '/node',
    '/jobtotal',
  ];
  for (const path of lists) await canaries.call(api, 'GET', path);
}

/** Each refusal has a secret in it, in a place of its own. */
async function beRefused({ api, canaries }: Deployment, known: string): Promise<void> {
  const infos: object[] = [
    { headers: { x: `${canaries.make('a header that is no header')}\n` }, secret_headers: ['x'] },
    { headers: { x: [canaries.make('a header that is a list')] }, secret_headers: ['x'] },
    { body: canaries.make('a body that is a text'), secret_body: true },
    { body_text: canaries.make('a long text').repeat(400), secret_body: true },
    { tls: { key: canaries.make('a key without a certificate') } },
    {
      tls: {
        cert: CLIENT,
        key: `-----BEGIN PRIVATE KEY-----\n${canaries.make('a key that is none')}\n-----END`,
      },
    },
    { tls: { cert: 'c', key: { nested: canaries.make('a key that is an object') } } },
  ];
  for (const info of infos)
    for (const [method, path] of [
      ['POST', '/job'],
      ['PUT', `/job/${known}`],
      ['POST', '/jobexecution'],
    ] as const) {
      const answer = await canaries.call(api, method, path, jobBody('https://127.0.0.1:9/', {}, { info }));
      expect(answer.status).toBe(400);
    }
  const broken = `{"job_name": "${canaries.make('JSON that is cut')}`;
  const cut = await api.send('POST', '/job', broken, { 'content-type': 'application/json' });
  expect([cut.status, canaries.foundIn(cut.text)]).toEqual([400, []]);
  const key = canaries.make('a wrong callback key');
  const called = await api.with({ authorization: '' }).call('POST', `/executionresult/none?key=${key}`, {});
  expect([called.status, canaries.foundIn(called.text)]).toEqual([401, []]);
  const token = await api.as(canaries.make('a token that is none')).call('GET', '/jobtotal');
  expect([token.status, canaries.foundIn(token.text)]).toEqual([401, []]);
}

/** What was read, sent back, changes no secret. */
async function sendBack(deployment: Deployment, jobId: string): Promise<void> {
  const { api, canaries, target } = deployment;
  const read = await canaries.call<Record<string, unknown>[]>(api, 'GET', `/job?job_id=${jobId}`);
  expect(read.json[0]).toMatchObject({
    job_context: { info: { headers: { 'X-Token': MASK, 'x-open': 'seen' }, body: { secret: MASK } } },
  });
  const before = (await target.seen('/ok/canary'))[0];
  expect(
    (await canaries.call(api, 'PUT', `/job/${jobId}`, { ...read.json[0], remarks: 'edited' })).status,
  ).toBe(200);
  await run(deployment, { job_id: jobId }, 'succeeded');
  const after = (await target.seen('/ok/canary')).at(-1);
  expect([after?.headers['x-token'], after?.body]).toEqual([before?.headers['x-token'], before?.body]);
  expect(before?.headers['x-token']).toMatch(/^canary/);
  expect(before?.body).toMatch(/^{"password":"canary/);
}

async function withDeployment(
  start: (env: Record<string, string>) => Promise<App>,
  use: (deployment: Deployment) => Promise<void>,
): Promise<void> {
  const canaries = new Canaries();
  const token = canaries.make('token');
  const hydra = await IntrospectionServer.start({ [token]: { active: true, client_id: 'tenant-a' } });
  const target = await Target.start();
  try {
    const app = await start({ ...configuration(canaries), ...hydra.env });
    try {
      await target.setManagement(app.management);
      await use({ app, api: app.api.as(token), target, canaries });
    } catch (error) {
      console.error(app.output());
      throw error;
    } finally {
      await app.discard();
    }
  } finally {
    await target.stop();
    await hydra.stop();
  }
}

describe('the search for secrets', () => {
  it('finds one as it is, in hexadecimal digits, and in base64 at any offset', () => {
    const canaries = new Canaries();
    const text = canaries.make('here');
    const hidden = [0, 1, 2].map((n) => Buffer.from(`${'x'.repeat(n)}${text} and more`).toString('base64'));
    for (const haystack of [`{"a":"${text}"}`, Buffer.from(text).toString('hex'), ...hidden])
      expect(canaries.foundIn(haystack)).toEqual(['here']);
    expect(canaries.foundIn('nothing')).toEqual([]);
  });
});

describe('a secret', () => {
  it('is in no log, no answer and no file of the data folder', async () => {
    await withDeployment(Standalone.start, async (deployment) => {
      const { app, canaries } = deployment;
      await useEverything(deployment);
      await app.stop();
      expect(canaries.foundIn(app.output())).toEqual([]);
      expect(canaries.foundIn(canaries.answered)).toEqual([]);
      const { dataDir } = app as Standalone;
      for (const name of readdirSync(dataDir))
        expect([name, canaries.foundIn(readFileSync(join(dataDir, name)))]).toEqual([name, []]);
    });
  });

  it('has a key of its own in the data folder where none is configured', async () => {
    const app = await Standalone.start();
    try {
      const canaries = new Canaries();
      const info = { headers: { x: canaries.make('header') }, secret_headers: ['x'] };
      await app.api.create(jobBody('http://target.test/', {}, { info }));
      await app.stop();
      const names = readdirSync(app.dataDir);
      expect(names).toContain('secret.key');
      for (const name of names) expect(canaries.foundIn(readFileSync(join(app.dataDir, name)))).toEqual([]);
    } finally {
      await app.discard();
    }
  });
});

describeWith(['mariadb', 'nsq'], 'a secret of a cluster', ({ nsq }) => {
  const start = (env: Record<string, string>) =>
    Cluster.start({ broker: 'nsq', management: 1, analysis: 1, env });

  it('is in no log, no answer, no table and no message', async () => {
    const topics = [
      'cron.topic.cron.job',
      'cron.topic.immediate.job',
      'cron.topic.job.status',
      'cron.topic.job.execution',
      'cron.topic.dead.letter',
    ];
    const taps = await Promise.all(topics.map((topic) => NsqTap.open(nsq, topic)));
    try {
      await withDeployment(start, async (deployment) => {
        const { app, canaries } = deployment;
        await useEverything(deployment);
        const messages = taps.flatMap((tap) => tap.texts).join('\n');
        expect(messages).toContain('"create"');
        expect(canaries.foundIn(messages)).toEqual([]);
        expect(canaries.foundIn(canaries.answered)).toEqual([]);
        const dump = await (app as Cluster).dump();
        expect(dump).toContain('ecron-sealed:');
        expect(canaries.foundIn(dump)).toEqual([]);
        await app.stop();
        expect(canaries.foundIn(app.output())).toEqual([]);
      });
    } finally {
      await Promise.all(taps.map((tap) => tap.close()));
    }
  });

  it('is refused where there is no key, and the key to configure is named', async () => {
    const app = await start({});
    try {
      const refused = async (info: object) =>
        (await app.api.call('POST', '/job', jobBody('https://target.test/', {}, { info }))).json;
      const secret = { headers: { x: 'secret' }, secret_headers: ['x'] };
      expect(await refused(secret)).toMatchObject({
        cause: expect.stringContaining('secret_key_file') as string,
      });
      const { status, text } = await app.api.call('POST', '/webhook/secret', {});
      expect([status, text]).toEqual([400, expect.stringContaining('secret_key_file')]);
      expect(app.output()).toContain('NO KEY FOR SECRETS IS CONFIGURED');
      await app.api.create(jobBody('https://target.test/', {}, { info: { headers: { x: 'open' } } }));
    } finally {
      await app.discard();
    }
  });
});
