import { Logger } from '@nestjs/common';
import { START_AHEAD_MS } from '@ecron/domain';
import { makeNode, NOW, rowsOf } from '../../test/fakes.js';

describe('the dispatcher after a claim of unknown outcome', () => {
  it('reads what its node holds until that has succeeded, and then no more', async () => {
    Logger.overrideLogger(false);
    const { dispatcher, waiting, publisher } = makeNode();
    waiting.held = rowsOf(1, NOW - 1);
    waiting.failing = 'findHeld';
    await expect(dispatcher.reload()).rejects.toThrow();
    await expect(dispatcher.recheck()).rejects.toThrow();
    waiting.failing = null;
    await dispatcher.recheck();
    await dispatcher.recheck();
    dispatcher.stop();
    expect(publisher.ids).toEqual(['e0']);
    expect(waiting.calls.filter((call) => call === 'findHeld')).toHaveLength(3);
  });
});

describe('the dispatcher', () => {
  let node: ReturnType<typeof makeNode>;

  beforeEach(async () => {
    Logger.overrideLogger(false);
    jest.useFakeTimers({ now: NOW });
    node = makeNode();
    await node.dispatcher.recheck();
  });
  afterEach(() => {
    node.dispatcher.stop();
    jest.useRealTimers();
  });

  const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);
  /** Holds rows that wait in the table. */
  const hold = (...rows: ReturnType<typeof rowsOf>) => {
    for (const row of rows) node.waiting.waiting.add(row.executeId);
    node.dispatcher.hold(rows);
  };
  const start = (...ids: string[]) => ids.forEach((id) => node.waiting.waiting.delete(id));

  it('sends a row at its instant, to the management nodes', async () => {
    hold({ executeId: 'a', tenantId: 'tenant-a', dueAt: NOW + 1_001 });
    await pass(1_000);
    expect(node.publisher.sent).toEqual([]);
    await pass(1);
    const sent = { topic: 'cron.topic.job.execution', ids: ['a'], dueAt: NOW + 1_001 };
    expect(node.publisher.sent).toEqual([sent]);
  });

  it('sends what is due on a whole second as far ahead as it may be started, and says when it is due', async () => {
    hold({ executeId: 'a', tenantId: 'tenant-a', dueAt: NOW + 1_000 });
    await pass(999 - START_AHEAD_MS);
    expect(node.publisher.sent).toEqual([]);
    await pass(1);
    const sent = { topic: 'cron.topic.job.execution', ids: ['a'], dueAt: NOW + 1_000 };
    expect(node.publisher.sent).toEqual([sent]);
  });

  it('sends a whole second before an instant that comes a little sooner', async () => {
    hold({ executeId: 'sooner', tenantId: 'tenant-a', dueAt: NOW + 900 });
    hold({ executeId: 'whole', tenantId: 'tenant-a', dueAt: NOW + 1_000 });
    await pass(1_000 - START_AHEAD_MS);
    expect(node.publisher.ids).toEqual(['whole']);
  });

  it('sends at once what is due already', async () => {
    hold({ executeId: 'a', tenantId: 'tenant-a', dueAt: NOW - 5 });
    expect(node.publisher.ids).toEqual(['a']);
  });

  it('sends in the order of their instants, though a later row was held first', async () => {
    hold({ executeId: 'late', tenantId: 'tenant-a', dueAt: NOW + 2_000 });
    hold({ executeId: 'early', tenantId: 'tenant-a', dueAt: NOW + 1_000 });
    await pass(1_000);
    expect(node.publisher.ids).toEqual(['early']);
    await pass(1_000);
    expect(node.publisher.ids).toEqual(['early', 'late']);
  });

  it('sends a row that is due after longer than one timer lasts', async () => {
    hold({ executeId: 'a', tenantId: 'tenant-a', dueAt: NOW + 150_001 });
    await pass(150_000);
    expect(node.publisher.ids).toEqual([]);
    await pass(1);
    expect(node.publisher.ids).toEqual(['a']);
  });

  it('puts at most 64 rows into a message', () => {
    node.nodes.capacity = 1_000;
    return node.dispatcher.recheck().then(() => {
      hold(...rowsOf(150, NOW));
      expect(node.publisher.sent.map((message) => message.ids.length)).toEqual([64, 64, 22]);
      expect(new Set(node.publisher.ids).size).toBe(150);
    });
  });

  it('holds a row once', async () => {
    hold({ executeId: 'a', tenantId: 'tenant-a', dueAt: NOW + 10 });
    hold({ executeId: 'a', tenantId: 'tenant-a', dueAt: NOW + 10 });
    await pass(10);
    hold({ executeId: 'a', tenantId: 'tenant-a', dueAt: NOW + 10 });
    expect(node.publisher.ids).toEqual(['a']);
  });

  it('has room for 50 000 rows, sent ones included until they are known to have started', async () => {
    hold(
      { executeId: 'a', tenantId: 'tenant-a', dueAt: NOW },
      { executeId: 'b', tenantId: 'tenant-a', dueAt: NOW + 1_000 },
    );
    expect(node.dispatcher.room).toBe(49_998);
    start('a');
    await node.dispatcher.recheck();
    expect(node.dispatcher.room).toBe(49_999);
  });

  describe('with as much under way as the nodes can take', () => {
    beforeEach(async () => {
      node.nodes.capacity = 3;
      await node.dispatcher.recheck();
      hold(...rowsOf(10, NOW).map((row, n) => ({ ...row, dueAt: NOW - 10 + n })));
    });

    it('keeps the rest back: twice their capacity is out, the oldest first', async () => {
      await pass(1_000);
      expect(node.publisher.ids).toEqual(['e0', 'e1', 'e2', 'e3', 'e4', 'e5']);
    });

    it('sends one more for each that is known to have started', () => {
      node.dispatcher.settle('e0');
      node.dispatcher.settle('e0');
      node.dispatcher.settle('e9');
      node.dispatcher.pump();
      expect(node.publisher.ids).toHaveLength(7);
    });

    it('goes on when a look at the table shows what has started', async () => {
      start(...node.publisher.ids.slice(0, 4));
      await node.dispatcher.recheck();
      expect(new Set(node.publisher.ids).size).toBe(10);
    });

    it('looks soon by itself what has started', async () => {
      start('e0', 'e1');
      await pass(249);
      expect(node.publisher.ids).toHaveLength(6);
      await pass(1);
      expect(node.publisher.ids).toHaveLength(8);
      expect(node.waiting.calls.filter((call) => call === 'findWaiting')).toHaveLength(1);
    });

    it('looks so however often it is rung meanwhile, again and again', async () => {
      for (let n = 0; n < 100; n++) {
        node.dispatcher.pump();
        await pass(10);
      }
      expect(node.waiting.calls.filter((call) => call === 'findWaiting')).toHaveLength(4);
    });

    it('goes on after such a look that failed', async () => {
      node.waiting.failing = 'findWaiting';
      await pass(250);
      node.waiting.failing = null;
      start(...node.publisher.ids);
      node.dispatcher.pump();
      await pass(250);
      expect(node.publisher.ids).toHaveLength(10);
    });

    it('lets the tenants have what becomes free in turn, though one of them has more that is older', async () => {
      hold(...rowsOf(2, NOW, 'f').map((row) => ({ ...row, tenantId: 'tenant-b' })));
      start(...node.publisher.ids);
      await node.dispatcher.recheck();
      expect(node.publisher.ids.slice(6)).toEqual(['e6', 'f0', 'e7', 'f1', 'e8', 'e9']);
    });

    it('shares what the nodes can take with the other analysis nodes', async () => {
      node.nodes.analysisNodes = 3;
      start(...node.publisher.ids);
      await node.dispatcher.recheck();
      expect(node.publisher.ids).toHaveLength(8);
    });

    it('sends nothing more when the nodes are gone', async () => {
      node.nodes.capacity = 0;
      start(...node.publisher.ids);
      await node.dispatcher.recheck();
      expect(node.publisher.ids).toHaveLength(6);
    });
  });

  describe('of a row that was sent and still waits', () => {
    beforeEach(() => hold({ executeId: 'a', tenantId: 'tenant-a', dueAt: NOW }));

    it('sends it again after two seconds, and again', async () => {
      await pass(1_999);
      await node.dispatcher.recheck();
      expect(node.publisher.ids).toEqual(['a']);
      await pass(1);
      await node.dispatcher.recheck();
      expect(node.publisher.ids).toEqual(['a', 'a']);
      await node.dispatcher.recheck();
      await pass(2_000);
      await node.dispatcher.recheck();
      expect(node.publisher.ids).toEqual(['a', 'a', 'a']);
    });

    it('does not send it again once it has started, and can hold it anew for its retry', async () => {
      start('a');
      await pass(2_000);
      await node.dispatcher.recheck();
      expect(node.publisher.ids).toEqual(['a']);
      hold({ executeId: 'a', tenantId: 'tenant-a', dueAt: NOW + 2_500 });
      await pass(500);
      expect(node.publisher.ids).toEqual(['a', 'a']);
    });

    it('keeps what was sent anew while the table was asked about it', async () => {
      const looking = node.dispatcher.recheck();
      node.waiting.waiting.delete('a');
      await pass(1);
      node.dispatcher.settle('a');
      hold({ executeId: 'a', tenantId: 'tenant-a', dueAt: NOW + 1 });
      await looking;
      hold({ executeId: 'a', tenantId: 'tenant-a', dueAt: NOW + 1 });
      expect(node.publisher.ids).toEqual(['a', 'a']);
    });

    it('forgets it when it waits anew, before any look at the table', async () => {
      node.dispatcher.settle('a');
      hold({ executeId: 'a', tenantId: 'tenant-a', dueAt: NOW + 10 });
      await pass(10);
      expect(node.publisher.ids).toEqual(['a', 'a']);
    });
  });

  it('sends again what the broker would not take', async () => {
    node.publisher.isDown = true;
    hold({ executeId: 'a', tenantId: 'tenant-a', dueAt: NOW });
    await pass(2_000);
    node.publisher.isDown = false;
    await node.dispatcher.recheck();
    expect(node.publisher.ids).toEqual(['a']);
  });

  it('reads again from the table what it holds', async () => {
    node.waiting.held = rowsOf(2, NOW);
    await node.dispatcher.reload();
    expect([...node.publisher.ids].sort()).toEqual(['e0', 'e1']);
  });

  it('does not look for credit that only later rows will need', async () => {
    node.nodes.capacity = 0.5;
    await node.dispatcher.recheck();
    hold(
      { executeId: 'a', tenantId: 'tenant-a', dueAt: NOW },
      { executeId: 'b', tenantId: 'tenant-a', dueAt: NOW + 10_000 },
    );
    await pass(5_000);
    expect(node.waiting.calls).toEqual([]);
  });

  it('sends nothing and has no room once it is stopped', async () => {
    hold({ executeId: 'a', tenantId: 'tenant-a', dueAt: NOW + 10 });
    node.dispatcher.stop();
    await pass(10);
    hold({ executeId: 'b', tenantId: 'tenant-a', dueAt: NOW });
    node.dispatcher.stop();
    expect(node.publisher.ids).toEqual([]);
    expect(node.dispatcher.room).toBe(0);
  });
});
