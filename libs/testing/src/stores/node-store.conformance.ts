import { type Beat, type NodeIdentity, type NodeRole } from '@ecron/nodes';
import { SECOND, T0 } from './fixtures.js';
import { Stage } from './stage.js';
import { type OpenStores } from './stores-under-test.js';

/** What every node store must do. */
export function nodeStoreConformance(open: OpenStores): void {
  describe('nodes', () => {
    let stage: Stage;
    beforeEach(async () => {
      stage = await Stage.open(open);
    });
    afterEach(() => stage.close());

    const node = (nodeId: string, role: NodeRole, capacity = 0): NodeIdentity => ({
      nodeId,
      name: `host/${nodeId}`,
      role,
      capacity,
      version: '1.2.3',
    });
    const beat = (one: NodeIdentity, own: Partial<Beat> = {}) => {
      const usual = { now: stage.now, holdUntil: stage.now + 2_000, free: 0, skewMs: 0 };
      return stage.stores.nodes.beat(one, { ...usual, ...own });
    };
    const capacityAfter = async (ms: number) => (await stage.stores.nodes.findCluster(T0 + ms)).capacity;

    it('count with their capacity while their heartbeat is younger than the lease', async () => {
      await beat(node('m1', 'management', 100));
      stage.clock.pass(10 * SECOND);
      await beat(node('m2', 'management', 30));
      await beat(node('a1', 'analysis'));
      expect(await capacityAfter(15 * SECOND - 1)).toBe(130);
      expect(await capacityAfter(15 * SECOND)).toBe(30);
      await beat(node('m1', 'management', 100));
      expect(await capacityAfter(15 * SECOND)).toBe(130);
      expect(await capacityAfter(60 * SECOND)).toBe(0);
    });

    it('count as analysis nodes while their hold lasts', async () => {
      const { nodes } = stage.stores;
      const count = async (after: number) => (await nodes.findCluster(T0 + after)).analysisNodes;
      expect(await count(0)).toBe(0);
      await beat(node('a1', 'analysis'));
      await beat(node('m1', 'management', 10));
      stage.clock.pass(SECOND);
      await beat(node('a2', 'analysis'));
      expect(await count(2_000)).toBe(2);
      expect(await count(2_001)).toBe(1);
      expect(await count(3_001)).toBe(0);
    });

    it('count for nothing with a heartbeat and a hold that lie too far ahead', async () => {
      const far = T0 + 31 * SECOND;
      await beat(node('a1', 'analysis', 5), { now: far, holdUntil: far });
      await beat(node('a2', 'analysis', 7), { now: T0 + 30 * SECOND, holdUntil: T0 + 4_000 });
      const { nodes } = stage.stores;
      expect(await nodes.findCluster(T0)).toEqual({ capacity: 7, analysisNodes: 1 });
      expect(await nodes.lapsedHolders(T0)).toEqual(['a1']);
      expect((await nodes.list(T0)).map((one) => one.isLive)).toEqual([false, true]);
    });

    it('count for nothing and hold nothing once they have left', async () => {
      await beat(node('m1', 'management', 100));
      await beat(node('a1', 'analysis'));
      const { nodes } = stage.stores;
      await nodes.leave('m1');
      await nodes.leave('a1');
      expect(await nodes.findCluster(T0)).toEqual({ capacity: 0, analysisNodes: 0 });
      expect(await nodes.lapsedHolders(T0)).toEqual(['a1']);
      expect(await nodes.list(T0)).toEqual([]);
      expect(await nodes.highestTime()).toBe(T0);
    });

    it('are shown with what their last heartbeat said', async () => {
      await beat(node('m1', 'management', 100));
      await beat(node('a1', 'analysis'));
      stage.clock.pass(SECOND);
      await beat(node('m1', 'management', 100), { free: 60, skewMs: -40 });
      const shown = { version: '1.2.3', startedAt: T0 };
      expect(await stage.stores.nodes.list(T0 + 15 * SECOND)).toEqual([
        {
          ...shown,
          nodeId: 'a1',
          name: 'host/a1',
          role: 'analysis',
          heartbeatAgeMs: 15 * SECOND,
          skewMs: 0,
          capacity: 0,
          free: 0,
          isLive: false,
        },
        {
          ...shown,
          nodeId: 'm1',
          name: 'host/m1',
          role: 'management',
          heartbeatAgeMs: 14 * SECOND,
          skewMs: -40,
          capacity: 100,
          free: 60,
          isLive: true,
        },
      ]);
    });

    it('lapse as holders when they are analysis nodes whose hold has passed', async () => {
      await beat(node('a1', 'analysis'));
      await beat(node('m1', 'management'));
      const lapsed = (after: number) => stage.stores.nodes.lapsedHolders(T0 + after);
      expect(await lapsed(2_000)).toEqual([]);
      expect(await lapsed(2_001)).toEqual(['a1']);
      stage.clock.pass(SECOND);
      await beat(node('a1', 'analysis'));
      expect(await lapsed(2_001)).toEqual([]);
    });

    it('remember the highest time that any of them has seen', async () => {
      expect(await stage.stores.nodes.highestTime()).toBe(0);
      stage.clock.pass(SECOND);
      await beat(node('a1', 'analysis'));
      stage.clock.set(T0);
      await beat(node('a2', 'analysis'));
      expect(await stage.stores.nodes.highestTime()).toBe(T0 + SECOND);
    });
  });
}
