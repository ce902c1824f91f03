import { eventually, inParallel } from '../support/eventually.js';
import { oneShot, secondAhead } from '../support/jobs.js';
import { startApp } from '../support/start-app.js';
import { Target } from '../support/target.js';
jest.setTimeout(200_000);
it('drains', async () => {
  const target = await Target.start();
  const app = await startApp({ ECRON_TENANT_CONCURRENCY: process.env['CAPN'] ?? '20', ECRON_HOST_CONCURRENCY: '30' });
  const at = secondAhead(12_000);
  await inParallel(Array.from({ length: 2000 }), 32, () => app.api.create(oneShot(`${target.url}/fast`, at)));
  console.log('created', at.getTime() - Date.now());
  await eventually(async () => { if ((await target.count()) < 2000) throw new Error(String(await target.count())); }, 120_000);
  console.log('drained ms after', Date.now() - at.getTime());
  await eventually(async () => expect(await app.api.executions('state=running,waiting')).toEqual([]), 20_000).catch((e) => console.log(String(e).slice(0, 300)));
  await app.discard();
  await target.stop();
});
