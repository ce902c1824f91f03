import { Heartbeat } from '@ecron/nodes';
import { Logger } from '@nestjs/common';
import { DEFAULTS, FakeRecovery, makeNode, NODE, NOW } from '../../test/fakes.js';
import { type OrphanedRun } from '../ports/recovery.store.js';
import { type Sweeper } from '../sweeper/sweeper.service.js';
import { Reaper } from './reaper.service.js';

const LEASE_MS = 15_000;
const DEAD = { nodeId: 'management-9', heartbeatAt: NOW - LEASE_MS };
const RUN: OrphanedRun = {
  executeId: 'a',
  jobId: 'job',
  epoch: 1,
  attempt: 1,
  nodeId: 'management-9',
  begunAt: NOW - 20_000,
  startedAt: NOW - 20_000,
  attempts: [],
  policy: {},
  mode: 'http',
  cancelReason: null,
};

describe('the reaper', () => {
  let node: ReturnType<typeof makeNode>;
  let store: FakeRecovery;
  let heartbeat: Heartbeat;
  let reaper: Reaper;
  let followUps: number;

  beforeEach(() => {
    Logger.overrideLogger(false);
    jest.useFakeTimers({ now: NOW });
    node = makeNode();
    store = new FakeRecovery();
    heartbeat = new Heartbeat(NODE, node.nodes, node.clock);
    followUps = 0;
    const sweeper = { followUp: () => void followUps++ } as Partial<Sweeper> as Sweeper;
    reaper = new Reaper(store, heartbeat, sweeper, node.clock, NODE, DEFAULTS);
  });
  afterEach(() => jest.useRealTimers());

  /** A second as the node's timers spend it. */
  const second = async (): Promise<void> => {
    await reaper.look();
    await heartbeat.beat();
    await jest.advanceTimersByTimeAsync(500);
    await heartbeat.beat();
    await jest.advanceTimersByTimeAsync(500);
  };
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 1_000) await second();
  };

  it('resolves what a dead node has left, and has it followed up', async () => {
    await pass(LEASE_MS + 1_000);
    store.departed = [DEAD];
    store.orphans = [RUN, { ...RUN, executeId: 'command', mode: 'exe' }];
    await pass(1_000);
    await reaper.look();
    // What a node has started since was started by one that lives again.
    const startedUntil = node.clock.now() - LEASE_MS / 2;
    expect(store.asked).toEqual([{ only: ['management-9'], startedUntil }]);
    expect(store.settled).toMatchObject([
      ['a', { state: 'waiting', reason: 'node lost' }],
      ['command', { state: 'interrupted', reason: 'node lost' }],
    ]);
    expect(store.forgotten).toEqual([DEAD]);
    expect(followUps).toBe(1);
  });

  it('passes over a run that cannot be settled, and resolves the others', async () => {
    await pass(LEASE_MS + 1_000);
    store.departed = [DEAD];
    store.refused.add('refused');
    const attempts = null as unknown as OrphanedRun['attempts'];
    store.orphans = [
      { ...RUN, executeId: 'refused' },
      { ...RUN, executeId: 'unreadable', policy: null as unknown as OrphanedRun['policy'], attempts },
      RUN,
    ];
    await pass(1_000);
    await reaper.look();
    expect(store.settled.map(([id]) => id)).toEqual(['a']);
    expect(store.forgotten).toEqual([DEAD]);
  });

  it('names a node once whose run cannot be settled, however often it looks', async () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockReturnValue(undefined);
    await pass(LEASE_MS + 1_000);
    store.refused.add('a');
    for (let n = 0; n < 4; n++) {
      store.departed = [{ ...DEAD, heartbeatAt: 0 }];
      store.orphans = [RUN];
      await pass(1_000);
    }
    expect(warn).toHaveBeenCalledTimes(1);
    warn.mockRestore();
  });

  it('wants to have seen the same heartbeat in two looks', async () => {
    await pass(LEASE_MS + 1_000);
    store.departed = [DEAD];
    await reaper.look();
    expect(store.forgotten).toEqual([]);
    await reaper.look();
    expect(store.forgotten).toEqual([DEAD]);
  });

  it('leaves a node that still beats, however old its clock says its heartbeats are', async () => {
    await pass(LEASE_MS + 1_000);
    for (let n = 0; n < 20; n++) {
      store.departed = [{ ...DEAD, heartbeatAt: DEAD.heartbeatAt + n }];
      await second();
    }
    expect(store.forgotten).toEqual([]);
  });

  it('begins its count anew when a node was seen alive in between', async () => {
    await pass(LEASE_MS + 1_000);
    for (let n = 0; n < 5; n++) {
      store.departed = [DEAD];
      await second();
      store.departed = [];
      await second();
    }
    expect(store.forgotten).toEqual([]);
  });

  it('never buries itself', async () => {
    store.departed = [{ ...DEAD, nodeId: NODE.nodeId }];
    await pass(LEASE_MS + 5_000);
    expect(store.forgotten).toEqual([]);
  });

  it('judges nobody before it has itself had the database for a lease', async () => {
    store.departed = [DEAD];
    await pass(LEASE_MS);
    expect(store.forgotten).toEqual([]);
    await pass(1_000);
    expect(store.forgotten).toEqual([DEAD]);
  });

  describe('after an outage of the database', () => {
    const outage = async (own: { reads: boolean; writes: boolean }, ms: number): Promise<void> => {
      node.nodes.isAway = own.writes;
      store.isAway = own.reads;
      await pass(ms);
      node.nodes.isAway = store.isAway = false;
    };

    it.each([
      ['of everything', { reads: true, writes: true }],
      ['of writing alone', { reads: false, writes: true }],
      ['of reading alone', { reads: true, writes: false }],
    ])('%s gives everyone one lease', async (_, away) => {
      await pass(60_000);
      await outage(away, 3_000);
      store.departed = [DEAD];
      await pass(LEASE_MS - 1_000);
      expect(store.forgotten).toEqual([]);
      await pass(3_000);
      expect(store.forgotten).toEqual([DEAD]);
    });

    it('that only made everything hang does so too', async () => {
      await pass(60_000);
      await jest.advanceTimersByTimeAsync(20_000);
      store.departed = [DEAD];
      await pass(LEASE_MS - 1_000);
      expect(store.forgotten).toEqual([]);
      await pass(3_000);
      expect(store.forgotten).toEqual([DEAD]);
    });
  });

  it('judges nobody while the clock has stepped and is not yet believed', async () => {
    await pass(LEASE_MS + 1_000);
    node.sources.step(3_600_000);
    store.departed = [DEAD];
    await pass(20_000);
    expect(store.forgotten).toEqual([]);
    await pass(15_000);
    expect(store.forgotten).toEqual([DEAD]);
  });

  it('goes on at the next look when a settlement fails', async () => {
    await pass(LEASE_MS + 1_000);
    store.departed = [DEAD];
    store.isReadOnly = true;
    await pass(2_000);
    expect(store.forgotten).toEqual([]);
    store.isReadOnly = false;
    await pass(LEASE_MS + 1_000);
    expect(store.forgotten).toEqual([DEAD]);
  });
});
