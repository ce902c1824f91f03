import { type NodeIdentity, type NodeRole } from '@ecron/nodes';
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
      name: 'host/1',
      role,
      capacity,
    });
    const beat = (one: NodeIdentity, holdMs = 2_000) =>
      stage.stores.nodes.beat(one, { now: stage.now, holdUntil: stage.now + holdMs, free: 0 });

    it('count with their capacity while their heartbeat is younger than the lease', async () => {
      await beat(node('m1', 'management', 100));
      stage.clock.pass(10 * SECOND);
      await beat(node('m2', 'management', 30));
      await beat(node('a1', 'analysis'));
      const { nodes } = stage.stores;
      expect(await nodes.liveCapacity(T0 + 15 * SECOND - 1)).toBe(130);
      expect(await nodes.liveCapacity(T0 + 15 * SECOND)).toBe(30);
      await beat(node('m1', 'management', 100));
      expect(await nodes.liveCapacity(T0 + 15 * SECOND)).toBe(130);
      expect(await nodes.liveCapacity(T0 + 60 * SECOND)).toBe(0);
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

    it('lapse at once when they give up their hold', async () => {
      await beat(node('a1', 'analysis'));
      await stage.stores.nodes.beat(node('a1', 'analysis'), { now: stage.now, holdUntil: 0, free: 0 });
      expect(await stage.stores.nodes.lapsedHolders(stage.now)).toEqual(['a1']);
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
