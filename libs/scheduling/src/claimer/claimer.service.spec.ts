import { Logger } from '@nestjs/common';
import { DEFAULTS, FakeClaims, makeNode, NODE, NOW, rowsOf } from '../../test/fakes.js';
import { type DueJob } from '../ports/claim.store.js';
import { Claimer } from './claimer.service.js';

const JOB: DueJob = {
  jobId: 'job',
  tenantId: 'tenant-a',
  name: 'n',
  type: 'scheduled',
  schedule: '*/2 * * * * *',
  timeZone: 'UTC',
  dst: 'default',
  beginAt: null,
  endAt: null,
  anchorAt: NOW,
  mode: 'http',
  policy: {},
  version: 1,
  nextSlotAt: NOW + 2_000,
};

describe('the claimer', () => {
  let node: ReturnType<typeof makeNode>;
  let store: FakeClaims;
  let claimer: Claimer;

  beforeEach(async () => {
    Logger.overrideLogger(false);
    jest.useFakeTimers({ now: NOW });
    node = makeNode();
    store = new FakeClaims();
    claimer = new Claimer(store, node.dispatcher, node.clock, NODE, DEFAULTS);
    await node.dispatcher.recheck();
  });
  afterEach(() => {
    node.dispatcher.stop();
    jest.useRealTimers();
  });

  const planOf = async (job: Partial<DueJob>) => {
    store.claims = [{ jobs: 0, held: [] }];
    await claimer.claim();
    return store.requests.at(-1)?.plan({ ...JOB, ...job });
  };

  it('claims for its node what is due within the horizon, and sends it at its time', async () => {
    store.claims = [{ jobs: 1, held: [{ executeId: 'a', tenantId: 'tenant-a', dueAt: NOW + 2_000 }] }];
    await claimer.claim();
    const { holder, now, until, room } = store.requests[0] ?? {};
    expect({ holder, now, until, room }).toEqual({
      holder: 'analysis-1',
      now: NOW,
      until: NOW + 5_300,
      room: 50_000,
    });
    await jest.advanceTimersByTimeAsync(2_000);
    expect(node.publisher.ids).toEqual(['a']);
  });

  it('asks only for as much as it can hold', async () => {
    node.dispatcher.hold(rowsOf(7, NOW + 1_000));
    store.claims = [{ jobs: 1, held: [] }];
    await claimer.claim();
    expect(store.requests[0]?.room).toBe(49_993);
  });

  it('opens no transaction while nothing is due', async () => {
    await claimer.claim();
    expect(store.requests).toEqual([]);
  });

  it('goes on until a claim is not full', async () => {
    const limit = 200;
    store.claims = [limit, limit, 3, 5].map((jobs) => ({ jobs, held: [] }));
    await claimer.claim();
    expect(store.requests.map((request) => request.limit)).toEqual([limit, limit, limit]);
  });

  it('claims nothing while the clock has stepped and is not yet believed', async () => {
    store.claims = [{ jobs: 1, held: [] }];
    node.sources.step(3_600_000);
    node.clock.check();
    await claimer.claim();
    expect(store.requests).toEqual([]);
  });

  it('plans slots by schedule and policy up to the horizon', async () => {
    const plan = await planOf({ policy: { retry: { max_attempts: 9 }, misfire: { grace_s: 7 } } });
    expect(plan?.rows.map((row) => row.slotAt - NOW)).toEqual([2_000, 4_000]);
    expect(plan?.rows[0]).toMatchObject({ kind: 'waiting', misfireAt: NOW + 9_000 });
    expect(plan).toMatchObject({ nextSlotAt: NOW + 6_000, maxAttempts: 9 });
  });

  it('plans a new version of a job by its new schedule', async () => {
    await planOf({});
    const plan = await planOf({ version: 2, schedule: '*/3 * * * * *', nextSlotAt: NOW + 3_000 });
    expect(plan).toMatchObject({ nextSlotAt: NOW + 6_000, maxAttempts: 3 });
  });

  it('stops a job whose schedule cannot be read, so that others go on', async () => {
    expect(await planOf({ schedule: 'never' })).toEqual({ rows: [], nextSlotAt: null, maxAttempts: 3 });
  });

  it('reads again what it holds after a claim of unknown outcome, and claims at the next ring', async () => {
    store.failures = 1;
    store.claims = [{ jobs: 1, held: [] }];
    node.waiting.held = [{ executeId: 'a', tenantId: 'tenant-a', dueAt: NOW }];
    await claimer.claim();
    expect(node.publisher.ids).toEqual(['a']);
    await claimer.claim();
    expect(store.requests).toHaveLength(2);
  });

  it('survives that this reading fails too', async () => {
    store.failures = 1;
    store.claims = [{ jobs: 1, held: [] }];
    node.waiting.failing = 'findHeld';
    await claimer.claim();
    await claimer.claim();
    expect(store.requests).toHaveLength(2);
  });

  it('claims nothing once it is stopped', async () => {
    store.claims = [{ jobs: 1, held: [] }];
    await claimer.stop();
    await claimer.claim();
    expect(store.requests).toEqual([]);
  });
});
