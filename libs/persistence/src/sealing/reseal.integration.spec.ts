import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Actor, blankExecution, type Job, type JobContext, openSecrets } from '@ecron/domain';
import { keyPlace } from '@ecron/notification';
import { describeWith, FakeClock, MysqlTestDatabase, sqlStores, type StoresUnderTest } from '@ecron/testing';
import { type Database } from '../database.js';
import { openSqlite } from '../open-sqlite.js';
import { callbackSecret } from '../stores/execution-secret.js';
import { AesSealer } from './aes-sealer.js';
import { resealWhereNeeded } from './reseal.js';

jest.setTimeout(30_000);

const [OLD, NEW] = ['0'.repeat(64), 'f'.repeat(64)];
const AT = Date.parse('2026-11-24T09:00:00Z');
const BY: Actor = { userId: 'a', clientId: 'a', requestId: 'call', source: 'api' };
const info = { method: '', params: null, headers: null, body: null, kubernetes: null };
const CLEAR: JobContext = {
  mode: 'http',
  exec: 'https://target.test/',
  info: { ...info, headers: { authorization: 'canary' }, secret_headers: ['authorization'] },
  notify: { webhook: '' },
  ...{ begin_at: '', end_at: '', execute_id: '' },
};

function sealedBy(sealer: AesSealer, tenantId: string): JobContext {
  const text = sealer.seal('canary', { tenantId, field: 'header:authorization' });
  return { ...CLEAR, info: { ...CLEAR.info, headers: { authorization: text } } };
}

function jobOf(jobId: string, context: JobContext): Job {
  const times = { beginAt: null, endAt: null, nextSlotAt: null, anchorAt: AT, createdAt: AT, updatedAt: AT };
  const words = {
    name: jobId,
    type: 'scheduled',
    schedule: '0 0 * * * *',
    timeZone: 'UTC',
    remarks: '',
  } as const;
  return { jobId, tenantId: 'a', ...words, context, policy: {}, enabled: false, version: 1, ...times };
}

interface Opened {
  database: Database;
  close(): Promise<void>;
}

function resealSuite(open: () => Promise<Opened>): void {
  const old = new AesSealer([OLD]);
  const rotated = new AesSealer([NEW, OLD]);
  let opened: Opened;
  let stores: StoresUnderTest;
  beforeEach(async () => {
    opened = await open();
    stores = sqlStores(opened.database, new FakeClock(AT));
  });
  afterEach(() => opened.close());

  const request = (executeId: string, context: JobContext) => {
    const owner = { jobId: '', jobVersion: 0, tenantId: 'a', jobName: '', jobType: '' as const };
    const own = { executeId, trigger: 'request' as const, maxAttempts: 1, context };
    return stores.executions.insertRequest({ ...blankExecution(AT), ...owner, ...own }, BY);
  };
  const contextOf = async (jobId: string): Promise<JobContext> => {
    const [job] = await stores.jobs.findByIds({ allTenants: true }, [jobId]);
    return job?.context ?? CLEAR;
  };
  const run = (sealer: AesSealer) => resealWhereNeeded(opened.database, sealer);

  it('brings jobs, open executions and webhook secrets under the first key', async () => {
    const all = Array.from({ length: 250 }, (_, n) => jobOf(`job-${n}`, sealedBy(old, 'a')));
    await Promise.all(all.map((job) => stores.jobs.insert(job, BY)));
    await stores.jobs.insert(jobOf('plain', { ...CLEAR, info }), BY);
    await request('waiting', sealedBy(old, 'a'));
    const sealed = old.seal('canary', keyPlace('a'));
    const secret = { secretId: 's', tenantId: 'a', kind: 'symmetric', publicKey: '', createdAt: AT } as const;
    await stores.webhookSecrets.insert({ ...secret, sealed }, BY);
    expect(await run(rotated)).toEqual({ resealed: 252, unopenable: 0 });
    const alone = new AesSealer([NEW]);
    expect(openSecrets(await contextOf('job-249'), 'a', alone)).toEqual(CLEAR);
    const execution = await stores.executions.find({ allTenants: true }, 'waiting');
    expect(openSecrets(execution?.context ?? CLEAR, 'a', alone)).toEqual(CLEAR);
    const [kept] = await stores.webhookSecrets.list(['a']);
    expect(alone.open(kept?.sealed ?? '', keyPlace('a'))).toBe('canary');
    expect(await run(alone)).toBeNull();
  });

  it('seals what was stored before there was a key, once', async () => {
    await stores.jobs.insert(jobOf('old', CLEAR), BY);
    expect(await run(new AesSealer([]))).toBeNull();
    expect(await run(old)).toEqual({ resealed: 1, unopenable: 0 });
    expect(openSecrets(await contextOf('old'), 'a', old)).toEqual(CLEAR);
    expect(JSON.stringify(await contextOf('old'))).not.toContain('canary');
    expect(await run(old)).toBeNull();
  });

  it('looks again at each start while there are several keys', async () => {
    expect(await run(rotated)).toEqual({ resealed: 0, unopenable: 0 });
    await stores.jobs.insert(jobOf('late', sealedBy(old, 'a')), BY);
    expect(await run(rotated)).toEqual({ resealed: 1, unopenable: 0 });
  });

  it('keeps what the service made for itself, sealed anew', async () => {
    const meta = () =>
      opened.database.read<{ value: string }>(`SELECT value FROM ecron_meta WHERE name = 'callback_secret'`);
    const secret = await callbackSecret(opened.database, new AesSealer([]));
    expect(await meta()).toEqual([{ value: secret }]);
    for (const sealer of [old, rotated, new AesSealer([NEW])]) {
      expect(await callbackSecret(opened.database, sealer)).toBe(secret);
      expect(sealer.isCurrent((await meta())[0]?.value ?? '')).toBe(true);
    }
    await expect(callbackSecret(opened.database, old)).rejects.toThrow('not configured');
  });

  it('leaves what no key opens, counts it, and does not call it done', async () => {
    const lost = sealedBy(new AesSealer(['1'.repeat(64)]), 'a');
    await stores.jobs.insert(jobOf('lost', lost), BY);
    await stores.jobs.insert(jobOf('fine', sealedBy(old, 'a')), BY);
    expect(await run(rotated)).toEqual({ resealed: 1, unopenable: 1 });
    expect(await contextOf('lost')).toEqual(lost);
    expect(await run(new AesSealer([NEW]))).toEqual({ resealed: 0, unopenable: 1 });
  });
}

describe('a new key on SQLite', () => {
  resealSuite(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ecron-reseal-'));
    const database = await openSqlite(folder);
    const close = async (): Promise<void> => {
      await database.close();
      rmSync(folder, { recursive: true });
    };
    return { database, close };
  });
});

describeWith('mariadb', 'a new key on MariaDB', (server) => {
  resealSuite(async () => {
    const made = await MysqlTestDatabase.create(server);
    return { database: await made.open(), close: () => made.drop() };
  });
});
