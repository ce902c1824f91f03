import { DataSource } from 'typeorm';
import { Ledger1764000000000 } from './1764000000000-ledger.js';
import { Webhook1767000000000 } from './1767000000000-webhook.js';

describe('the migration to result webhooks', () => {
  let source: DataSource;
  beforeEach(async () => {
    source = await new DataSource({ type: 'better-sqlite3', database: ':memory:' }).initialize();
  });
  afterEach(() => source.destroy());

  const addJob = (id: string, context: string) =>
    source.query(
      `INSERT INTO ecron_job (job_id, tenant_id, name, type, schedule, time_zone, mode, context, policy, enabled, remarks,
         version, anchor_at, created_at, updated_at) VALUES (?, 't', ?, 'timed', '', 'UTC', 'http', ?, '{}', 0, '', 1, 0, 0, 0)`,
      [id, id, context],
    );

  it('takes up the webhooks that jobs have, also where it was cut and begins anew', async () => {
    const runner = source.createQueryRunner();
    await new Ledger1764000000000().up(runner);
    await addJob('with', '{"notify":{"webhook":"https://a.test:1/x"}}');
    await addJob('odd', '{"notify":{"webhook":"call me"}}');
    await addJob('without', '{"notify":{"webhook":""}}');
    await addJob('bare', '{}');
    await addJob('broken', '{');
    for (let n = 0; n < 600; n++)
      await addJob(`more ${n}`, `{"notify":{"webhook":"https://more.test/${n}"}}`);
    await new Webhook1767000000000().up(runner);
    await new Webhook1767000000000().up(runner);
    const rows: Record<string, unknown>[] = await source.query(
      `SELECT owner_id, tenant_id, url, host, notify_on, is_on, sequence FROM ecron_webhook ORDER BY owner_id`,
    );
    const own = { tenant_id: 't', notify_on: 'always', is_on: 1, sequence: 0 };
    expect(rows.filter(({ owner_id }) => !String(owner_id).startsWith('more'))).toEqual([
      { ...own, owner_id: 'odd', url: 'call me', host: '' },
      { ...own, owner_id: 'with', url: 'https://a.test:1/x', host: 'a.test:1' },
    ]);
    expect(rows).toHaveLength(602);
    await runner.release();
  });
});
