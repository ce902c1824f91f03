import { randomUUID } from 'node:crypto';
import { blankExecution, type Execution, type Job, type Quotas } from '@ecron/domain';
import { ALL, jobOf, MINE, MINUTE, SECOND, SOMEBODY, T0, THEIRS } from './fixtures.js';
import { Stage } from './stage.js';
import { startRateConformance } from './start-rate.conformance.js';
import { type OpenStores, STORE_DEFAULTS } from './stores-under-test.js';

const QUOTAS: Quotas = {
  jobs: { perTenant: 2, tenants: { 'tenant-many': 20, 'tenant-free': 0 } },
  requests: { perTenant: 2, tenants: { 'tenant-many': 20, 'tenant-free': 0 } },
};

/** What the stores must do where tenants have quotas. */
export function quotaConformance(open: OpenStores): void {
  describe('quotas of tenants', () => storeQuotas(open));
  describe('starts of tenants', () => startRateConformance(open));
}

function storeQuotas(open: OpenStores): void {
  let stage: Stage;
  const openWith = async (quotas: Quotas | null) => {
    stage = await Stage.open(open, { ...STORE_DEFAULTS, ...(quotas !== null && { quotas }) });
  };
  afterEach(() => stage.close());

  const everything = async (): Promise<unknown[]> => {
    const tables = ['job', 'job_version', 'execution', 'webhook', 'audit', 'quota'];
    const rows: unknown[] = [];
    for (const table of tables) rows.push(await stage.stores.query(`SELECT * FROM ecron_${table}`, []));
    return rows;
  };

  describe('a quota of two stored jobs', () => {
    beforeEach(() => openWith(QUOTAS));

    const insert = (own: Partial<Job> = {}) => stage.stores.jobs.insert(jobOf(own, stage.now), SOMEBODY);
    const fill = async () => [await insert(), await insert()];

    it('lets two in, and of the third leaves nothing behind', async () => {
      expect(await fill()).toEqual(['stored', 'stored']);
      const before = await everything();
      expect(await insert()).toBe('too many');
      expect(await everything()).toEqual(before);
    });

    it('tells of a taken name first', async () => {
      await fill();
      const [job] = await stage.stores.jobs.list(MINE, { limit: 1, offset: 0 });
      expect(await insert({ name: job?.name ?? '' })).toBe('name taken');
    });

    it('is each tenant’s own, by the number that it has of its own, where 0 frees it', async () => {
      await fill();
      expect(await insert({ tenantId: 'tenant-b' })).toBe('stored');
      for (let n = 0; n < 3; n++) {
        expect(await insert({ tenantId: 'tenant-many' })).toBe('stored');
        expect(await insert({ tenantId: 'tenant-free' })).toBe('stored');
      }
    });

    it('has room again for what is deleted', async () => {
      await fill();
      const [job] = await stage.stores.jobs.list(MINE, { limit: 1, offset: 0 });
      await stage.stores.jobs.remove(MINE, [job?.jobId ?? ''], SOMEBODY);
      expect([await insert(), await insert()]).toEqual(['stored', 'too many']);
    });

    it('counts what was there before it was set, and leaves it alone', async () => {
      for (let n = 0; n < 3; n++) await insert({ tenantId: 'tenant-free' });
      await stage.stores.query('UPDATE ecron_job SET tenant_id = ?', ['tenant-a']);
      expect(await insert()).toBe('too many');
      expect(await stage.stores.jobs.count(MINE, {})).toBe(3);
    });

    it('lets in two of many that come at once', async () => {
      const many = Array.from({ length: 12 }, () => insert());
      const outcomes = await Promise.all(many);
      expect(outcomes.filter((outcome) => outcome === 'stored')).toHaveLength(2);
      expect(await stage.stores.jobs.count(ALL, {})).toBe(2);
    });
  });

  describe('a quota of two requests a minute', () => {
    beforeEach(() => openWith(QUOTAS));

    const ask = (own: Partial<Execution> = {}) => {
      const nobodys = { jobId: '', jobVersion: 0, tenantId: 'tenant-a', jobName: '', jobType: '' as const };
      const request = { executeId: randomUUID(), trigger: 'request' as const, maxAttempts: 3 };
      const execution: Execution = { ...blankExecution(stage.now), ...nobodys, ...request, ...own };
      return stage.stores.executions.insertRequest(execution, SOMEBODY);
    };
    const kindsOf = async (...asked: ReturnType<typeof ask>[]) =>
      (await Promise.all(asked)).map(({ kind }) => kind);

    it('lets two through, and of the third leaves nothing behind; it says when to come again', async () => {
      stage.clock.pass(20 * SECOND);
      expect([await ask(), await ask()]).toEqual([{ kind: 'stored' }, { kind: 'stored' }]);
      const before = await everything();
      expect(await ask()).toEqual({ kind: 'too often', until: T0 + MINUTE });
      expect(await everything()).toEqual(before);
    });

    it('begins anew with each minute of the clock', async () => {
      stage.clock.pass(MINUTE - 1);
      expect(await kindsOf(ask(), ask(), ask())).toEqual(expect.arrayContaining(['too often']));
      stage.clock.pass(1);
      expect([await ask(), await ask(), await ask()]).toEqual([
        { kind: 'stored' },
        { kind: 'stored' },
        { kind: 'too often', until: T0 + 2 * MINUTE },
      ]);
    });

    it('is not had twice by a node whose clock is behind', async () => {
      stage.clock.pass(MINUTE);
      await ask();
      stage.clock.set(T0 + MINUTE - 1);
      expect([await ask(), await ask()]).toEqual([
        { kind: 'stored' },
        { kind: 'too often', until: T0 + 2 * MINUTE },
      ]);
    });

    it('does not count what starts nothing', async () => {
      const [known] = [randomUUID()];
      await ask({ executeId: known });
      for (let n = 0; n < 5; n++) expect(await ask({ executeId: known })).toMatchObject({ kind: 'exists' });
      for (let n = 0; n < 5; n++)
        expect(await ask({ executeId: known, tenantId: 'tenant-b' })).toEqual({ kind: 'foreign' });
      expect(await kindsOf(ask({ tenantId: 'tenant-b' }), ask({ tenantId: 'tenant-b' }), ask())).toEqual([
        'stored',
        'stored',
        'stored',
      ]);
    });

    it('answers a repeat though nothing more may be asked for', async () => {
      const known = randomUUID();
      await ask({ executeId: known });
      await ask();
      expect(await ask({ executeId: known })).toMatchObject({ kind: 'exists' });
    });

    it('is each tenant’s own, by the number that it has of its own, where 0 frees it', async () => {
      await kindsOf(ask(), ask());
      const [many, free] = [{ tenantId: 'tenant-many' }, { tenantId: 'tenant-free' }];
      expect(await kindsOf(ask(many), ask(many), ask(many), ask(free), ask(free), ask(free))).toEqual(
        new Array(6).fill('stored'),
      );
    });

    it('lets two of many through that come at once', async () => {
      const kinds = await kindsOf(...Array.from({ length: 12 }, () => ask()));
      expect(kinds.filter((kind) => kind === 'stored')).toHaveLength(2);
      expect(await stage.stores.executions.list(MINE, { limit: 100 })).toHaveLength(2);
    });
  });

  describe('without quotas', () => {
    beforeEach(() => openWith(null));

    it('nothing is counted', async () => {
      for (let n = 0; n < 3; n++) {
        await stage.addJob();
        await stage.insert({ tenantId: 'tenant-b' });
      }
      expect(await stage.stores.jobs.count(MINE, {})).toBe(3);
      expect(await stage.stores.executions.list(THEIRS, { limit: 100 })).toHaveLength(3);
      expect(await stage.stores.query('SELECT * FROM ecron_quota', [])).toEqual([]);
    });
  });
}
