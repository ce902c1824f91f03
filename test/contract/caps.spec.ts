import { readFileSync } from 'node:fs';
import { type Api } from '../support/api.js';
import { type App } from '../support/app.js';
import { eventually, inParallel } from '../support/eventually.js';
import { HangingTarget } from '../support/hanging-target.js';
import { IntrospectionServer } from '../support/introspection.js';
import { PATIENCE, startApp } from '../support/start-app.js';
import { Standalone } from '../support/standalone.js';

const TOKENS = {
  tokA: { active: true, client_id: 'tenant-a' },
  tokB: { active: true, client_id: 'tenant-b' },
};
/** What the tenant may have under way, and what it asks for. */
const CAP = 500;
const ASKED = 560;
/** What hundreds of open requests may cost beyond what an idle process needs; each takes some 40 KB. */
const MAX_GROWTH_KB = 150 * 1024;

jest.setTimeout(60_000 * PATIENCE);

describe('a tenant whose targets all hang', () => {
  let hydra: IntrospectionServer;
  let app: App;
  let target: HangingTarget;
  let a: Api;
  let b: Api;
  let idleKb: number;

  beforeAll(async () => {
    hydra = await IntrospectionServer.start(TOKENS);
    target = await HangingTarget.start();
    app = await startApp({
      ...hydra.env,
      ECRON_TENANT_CONCURRENCY: String(CAP),
      ECRON_HTTP_HOST_CONNECTIONS: '1000',
      ECRON_SHUTDOWN_GRACE_S: '0',
    });
    [a, b] = [app.api.as('tokA'), app.api.as('tokB')];
    idleKb = residentKb();
    const asked = Array.from({ length: ASKED });
    await inParallel(asked, 32, (_, n) => a.run({ job_context: contextOf(`/hang/${n}`) }));
    await eventually(() => expect(target.open).toBe(CAP));
  });
  afterAll(async () => {
    await app?.discard();
    await target?.stop();
    await hydra?.stop();
  });

  const contextOf = (path: string) => ({
    mode: 'http',
    exec: target.url + path,
    info: {},
    policy: { timeout_s: 600, retry: { max_attempts: 1 } },
  });
  /** 0 where the program is several processes. */
  const residentKb = (): number => {
    if (!(app instanceof Standalone)) return 0;
    const status = readFileSync(`/proc/${app.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0);
  };
  const waiting = () => a.executions('state=waiting&limit=500');

  it('has as many connections open as it may have executions, and the rest waits for that reason', async () => {
    const reasons = new Array(ASKED - CAP).fill('tenant cap');
    await eventually(async () => expect((await waiting()).map((run) => run.reason)).toEqual(reasons));
    expect([target.open, target.requests]).toEqual([CAP, CAP]);
  });

  it('takes a bounded part of the memory', () => {
    expect(residentKb() - idleKb).toBeLessThan(MAX_GROWTH_KB);
  });

  it('keeps no other tenant from being served', async () => {
    const { execute_id } = await b.run({ job_context: contextOf('/answer') });
    await eventually(async () => expect((await b.execution(execute_id)).state).toBe('succeeded'));
    expect(target.open).toBe(CAP);
  });

  it('gets the places of what is cancelled for what has waited longest', async () => {
    const before = new Map((await waiting()).map((run) => [run.execute_id, run.queued_at]));
    const running = await a.executions('state=running&limit=500');
    const cancelled = running.slice(0, 5).map((run) => run.execute_id);
    for (const id of cancelled) await a.must(202, 'POST', `/execution/${id}/cancel`, {});
    await eventually(() => expect(target.requests).toBe(CAP + cancelled.length + 1));
    await eventually(() => expect(target.open).toBe(CAP));
    const still = (await waiting()).map((run) => run.execute_id);
    const gone = [...before].filter(([id]) => !still.includes(id)).map(([, queuedAt]) => queuedAt);
    const left = still.map((id) => before.get(id) ?? '');
    expect(gone).toHaveLength(cancelled.length);
    expect([...gone.sort(), ...left.sort()]).toEqual([...gone, ...left].sort());
  });
});
