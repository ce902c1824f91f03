import { type Attempt } from '@ecron/domain';
import { Logger } from '@nestjs/common';
import { DEFAULTS, makeNode, NODE, NOW, rowsOf } from '../../test/fakes.js';
import {
  type LateRow,
  type LateVerdict,
  type OverdueCallback,
  type UncountedRange,
} from '../ports/waiting.store.js';
import { Sweeper } from './sweeper.service.js';

const FACTS = {
  jobId: 'job',
  type: 'scheduled' as const,
  schedule: '* * * * * *',
  timeZone: 'UTC',
  dst: 'default' as const,
  beginAt: null,
  endAt: null,
  anchorAt: 0,
};
const ACCEPTED: Attempt = {
  attempt: 1,
  node_id: 'm',
  started_at: NOW - 10_000,
  ended_at: NOW - 9_000,
  outcome: 'accepted',
};
const OVERDUE: OverdueCallback = {
  executeId: 'a',
  jobId: 'job',
  epoch: 1,
  trigger: 'schedule',
  attempt: 1,
  nodeId: '',
  begunAt: NOW - 10_000,
  startedAt: NOW - 10_000,
  attempts: [ACCEPTED],
  policy: { retry: { jitter: false } },
  mode: 'http',
};

describe('the sweeper', () => {
  let node: ReturnType<typeof makeNode>;
  let sweeper: Sweeper;

  beforeEach(() => {
    Logger.overrideLogger(false);
    jest.useFakeTimers({ now: NOW });
    node = makeNode();
    sweeper = new Sweeper(
      node.waiting,
      node.nodes,
      node.dispatcher,
      node.clock,
      NODE,
      DEFAULTS,
      node.publisher,
    );
  });
  afterEach(async () => {
    node.dispatcher.stop();
    await sweeper.stop();
    jest.useRealTimers();
  });

  describe('taking what nobody holds', () => {
    it('wakes first, then takes for its node, lapsed holders included, and sends', async () => {
      await node.dispatcher.recheck();
      node.nodes.lapsed = ['analysis-9'];
      node.waiting.pages = [rowsOf(2, NOW)];
      await sweeper.takeUnheld();
      expect(node.waiting.calls).toEqual(['wake', 'takeUnheld']);
      expect(node.waiting.takes[0]).toMatchObject({
        holder: 'analysis-1',
        lapsed: ['analysis-9'],
        now: NOW,
        until: NOW + 5_300,
        limit: 1_000,
      });
      expect([...node.publisher.ids].sort()).toEqual(['e0', 'e1']);
    });

    it('goes on until a page is not full', async () => {
      node.waiting.pages = [
        rowsOf(1_000, NOW),
        rowsOf(1_000, NOW, 'f'),
        rowsOf(1, NOW, 'g'),
        rowsOf(1, NOW, 'h'),
      ];
      await sweeper.takeUnheld();
      expect(node.waiting.takes).toHaveLength(3);
    });

    it('takes no more than there is room for', async () => {
      node.dispatcher.hold(rowsOf(49_990, NOW + 60_000, 'x'));
      node.waiting.pages = [rowsOf(10, NOW)];
      await sweeper.takeUnheld();
      expect(node.waiting.takes.map((take) => take.limit)).toEqual([10]);
    });

    it('sends anew what was sent before and waits again', async () => {
      await node.dispatcher.recheck();
      node.waiting.pages = [rowsOf(1, NOW)];
      await sweeper.takeUnheld();
      node.waiting.pages = [rowsOf(1, NOW)];
      await sweeper.takeUnheld();
      expect(node.publisher.ids).toEqual(['e0', 'e0']);
    });

    it('waits while the clock has stepped and is not yet believed', async () => {
      node.sources.step(-3_600_000);
      node.clock.check();
      await sweeper.takeUnheld();
      expect(node.waiting.takes).toEqual([]);
    });

    it.each<[string, Partial<LateRow>, LateVerdict]>([
      ['runs the latest misfired slot', { slotAt: NOW - 61_000 }, 'run'],
      ['does not run one before it', { slotAt: NOW - 62_000 }, 'missed'],
      [
        'leaves one alone whose schedule cannot be read',
        { facts: { ...FACTS, schedule: 'whenever' } },
        'leave',
      ],
      [
        'leaves one alone whose schedule is gone',
        { facts: { ...FACTS, schedule: null as unknown as string } },
        'leave',
      ],
      [
        'does not run one outside the window',
        { slotAt: NOW - 61_000, policy: { misfire: { window_s: 60 } } },
        'missed',
      ],
    ])('%s', async (_, own, verdict) => {
      await sweeper.takeUnheld();
      const row: LateRow = { executeId: 'a', slotAt: NOW, facts: FACTS, policy: {}, mode: 'http', ...own };
      expect(node.waiting.takes[0]?.judgeLate(row)).toBe(verdict);
    });

    it('looks behind rows that cannot be judged, and names each once', async () => {
      const error = jest.spyOn(Logger.prototype, 'error').mockReturnValue(undefined);
      await sweeper.takeUnheld();
      const facts = { ...FACTS, schedule: 'whenever' };
      for (const executeId of ['a', 'b', 'a'])
        node.waiting.takes[0]?.judgeLate({ executeId, slotAt: NOW, facts, policy: {}, mode: 'http' });
      await sweeper.takeUnheld();
      expect(node.waiting.takes[1]?.limit).toBe(1_002);
      expect(textsOf(error.mock.calls).map((text) => text.slice(0, 12))).toEqual([
        'execution a ',
        'execution b ',
      ]);
      error.mockRestore();
    });
  });

  describe('once a second', () => {
    it('sends again, marks what was seen in time, takes, and ends overdue callbacks', async () => {
      await sweeper.sweep();
      expect(node.waiting.calls).toEqual([
        'markSeen',
        'recountPlaces',
        'wake',
        'takeUnheld',
        'findOverdueCallbacks',
        'findUncounted',
      ]);
      expect(node.waiting.seen).toEqual(['analysis-1', NOW - 1_000, NOW]);
    });

    it.each(['markSeen', 'recountPlaces', 'wake', 'takeUnheld', 'findOverdueCallbacks'])(
      'does all the rest when %s has failed',
      async (step) => {
        node.waiting.failing = step;
        await sweeper.sweep();
        const rest = ['markSeen', 'recountPlaces', 'findOverdueCallbacks', 'findUncounted'];
        expect(node.waiting.calls).toEqual(expect.arrayContaining(rest));
      },
    );

    it('says once what has failed, however much has', async () => {
      const error = jest.spyOn(Logger.prototype, 'error').mockReturnValue(undefined);
      for (const call of ['markSeen', 'recountPlaces', 'findUncounted'] as const)
        jest.spyOn(node.waiting, call).mockRejectedValue(new Error(call));
      await sweeper.sweep();
      expect(textsOf(error.mock.calls)).toEqual(['sweep failed, tried again: markSeen']);
      error.mockRestore();
    });
  });

  describe('of an overdue callback', () => {
    const settle = async (own: Partial<OverdueCallback>) => {
      node.waiting.overdue = [{ ...OVERDUE, ...own }];
      await sweeper.sweep();
      return node.waiting.settled;
    };

    it('makes a failed attempt that is retried, and looks after it soon', async () => {
      const retry = { state: 'waiting', reason: 'callback timeout', endedAt: null, dueAt: NOW + 5_000 };
      expect(await settle({})).toMatchObject([['a', retry]]);
      await jest.advanceTimersByTimeAsync(20);
      expect(node.waiting.takes).toHaveLength(2);
    });

    it('closes the attempt as timed out', async () => {
      const closed = { outcome: 'timed_out', ended_at: NOW, error: 'no callback in time' };
      const ended: Attempt = { ...ACCEPTED, outcome: 'failed' };
      const open: Attempt = { ...ACCEPTED, attempt: 2 };
      const [settled] = await settle({ attempt: 2, attempts: [ended, open] });
      expect(settled?.[1]).toMatchObject({
        attempts: [ended, { ...open, ...closed }],
        error: closed.error,
      });
    });

    it('is told like any end of an attempt', async () => {
      await settle({});
      await settle({ attempt: 3 });
      expect(node.publisher.statuses).toMatchObject([
        { execute_id: 'a', job_id: 'job', job_status: 'failure', end_at: new Date(NOW).toISOString() },
        { execute_id: 'a', job_status: 'abandon' },
      ]);
    });

    it('is not told when someone else was first, and goes on when nothing can be told', async () => {
      node.waiting.isFirst = false;
      await settle({});
      expect(node.publisher.statuses).toEqual([]);
      node.waiting.isFirst = true;
      node.publisher.isDown = true;
      await settle({});
      expect(node.waiting.calls.filter((call) => call === 'findUncounted')).toHaveLength(2);
    });

    it('abandons the run after its last attempt', async () => {
      expect(await settle({ attempt: 3 })).toMatchObject([
        ['a', { state: 'abandoned', endedAt: NOW, dueAt: null }],
      ]);
    });

    it('ends the others where one cannot be ended, and looks behind it from then on', async () => {
      const unreadable = null as unknown as Attempt[];
      const find = jest.spyOn(node.waiting, 'findOverdueCallbacks');
      node.waiting.refused.add('refused');
      node.waiting.overdue = [
        { ...OVERDUE, executeId: 'unreadable', attempts: unreadable },
        { ...OVERDUE, executeId: 'refused' },
        OVERDUE,
      ];
      await sweeper.sweep();
      expect(node.waiting.settled.map(([id]) => id)).toEqual(['a']);
      expect(node.publisher.statuses).toMatchObject([{ execute_id: 'a' }]);
      await sweeper.sweep();
      expect(find.mock.calls.map(([, limit]) => limit)).toEqual([200, 202]);
    });

    it('blames no row while the database takes none', async () => {
      const find = jest.spyOn(node.waiting, 'findOverdueCallbacks');
      node.waiting.failing = 'settleAccepted';
      node.waiting.overdue = [OVERDUE, { ...OVERDUE, executeId: 'b' }];
      await sweeper.sweep();
      await sweeper.sweep();
      expect(find.mock.calls.map(([, limit]) => limit)).toEqual([200, 200]);
    });

    it('interrupts what an outsider runs and has given no word of', async () => {
      const end = { state: 'interrupted', reason: 'no word', endedAt: NOW, dueAt: null };
      const attempts = [{ outcome: 'interrupted', ended_at: NOW }];
      expect(await settle({ trigger: 'external', attempt: 7 })).toMatchObject([['a', { ...end, attempts }]]);
    });
  });

  it('reads again what the table says is its node’s when a take has failed', async () => {
    await node.dispatcher.recheck();
    node.waiting.failing = 'takeUnheld';
    node.waiting.held = rowsOf(1, NOW);
    await sweeper.takeUnheld();
    expect(node.publisher.ids).toEqual(['e0']);
  });

  it('counts a long range over several sweeps, then the next range', async () => {
    const range: UncountedRange = { executeId: 'r', slotAt: NOW, slotTo: NOW + 49_999_000, facts: FACTS };
    node.waiting.uncounted = [range, { ...range, executeId: 's', slotTo: NOW + 9_000 }];
    await sweeper.sweep();
    await sweeper.sweep();
    expect(node.waiting.counts).toEqual([]);
    await sweeper.sweep();
    await sweeper.sweep();
    expect(node.waiting.counts).toEqual([
      ['r', 50_000],
      ['s', 10],
    ]);
  });

  it('counts behind a range whose schedule cannot be read', async () => {
    const range: UncountedRange = { executeId: 'r', slotAt: NOW, slotTo: NOW + 9_000, facts: FACTS };
    const bad = { ...range, executeId: 'bad', facts: { ...FACTS, schedule: 'whenever' } };
    jest
      .spyOn(node.waiting, 'findUncounted')
      .mockImplementation((limit: number) => Promise.resolve([bad, range].slice(0, limit)));
    await sweeper.sweep();
    await sweeper.sweep();
    expect(node.waiting.counts).toEqual([['r', 10]]);
  });

  it('follows up once for however many ask', async () => {
    for (let n = 0; n < 5; n++) sweeper.followUp();
    await jest.advanceTimersByTimeAsync(20);
    expect(node.waiting.takes).toHaveLength(1);
    sweeper.followUp();
    await jest.advanceTimersByTimeAsync(20);
    expect(node.waiting.takes).toHaveLength(2);
  });

  it('does nothing once it is stopped', async () => {
    sweeper.followUp();
    await sweeper.stop();
    await jest.advanceTimersByTimeAsync(1_000);
    await Promise.all([sweeper.sweep(), sweeper.takeUnheld()]);
    expect(node.waiting.calls).toEqual([]);
  });
});

const textsOf = (calls: unknown[][]): string[] => calls.map(([line]) => (line as { msg: string }).msg);
