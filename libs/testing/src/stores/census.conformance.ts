import { type NodeIdentity, type NodeRole } from '@ecron/nodes';
import { ACCEPTED, SECOND, SUCCEEDED } from './fixtures.js';
import { Stage } from './stage.js';
import { type OpenStores } from './stores-under-test.js';
import { contextWith, HOOK } from './webhook-notice.conformance.js';

/** What is counted of whole tables. */
export function censusConformance(open: OpenStores): void {
  describe('the census', () => {
    let stage: Stage;
    beforeEach(async () => {
      stage = await Stage.open(open);
    });
    afterEach(() => stage.close());

    const count = () => stage.stores.census(stage.now);
    const beat = (nodeId: string, role: NodeRole) => {
      const node: NodeIdentity = { nodeId, name: nodeId, role, capacity: 1, version: '' };
      return stage.stores.nodes.beat(node, { now: stage.now, holdUntil: stage.now, free: 0, skewMs: 0 });
    };

    it('finds nothing where there is nothing', async () => {
      expect(await count()).toEqual({
        queueDepth: 0,
        oldestDueS: 0,
        outboxPending: 0,
        callbacksAwaited: 0,
        nodes: {},
      });
    });

    it('counts what is due and has not started, whoever holds it, and how long the first has been', async () => {
      await stage.insert({});
      stage.clock.pass(4 * SECOND);
      await stage.take({ holder: 'analysis-1' });
      await stage.insert({});
      const started = await stage.insert({});
      await stage.startOne(started);
      await stage.insert({ dueAt: stage.now + SECOND });
      stage.clock.pass(500);
      expect(await count()).toMatchObject({ queueDepth: 2, oldestDueS: 4.5 });
    });

    it('counts runs whose callbacks are awaited', async () => {
      const [run] = [await stage.startOne(await stage.insert({}))];
      await stage.record(run, ACCEPTED);
      expect(await count()).toMatchObject({ callbacksAwaited: 1, queueDepth: 0 });
    });

    it('counts notices that are to be delivered', async () => {
      const job = await stage.addJob({ context: contextWith({ webhook: HOOK }) });
      await stage.record(await stage.runSlot(job), SUCCEEDED);
      expect(await count()).toMatchObject({ outboxPending: 1 });
    });

    it('counts live nodes by role', async () => {
      await beat('analysis-1', 'analysis');
      stage.clock.pass(15 * SECOND);
      await beat('analysis-2', 'analysis');
      await beat('management-1', 'management');
      await beat('management-2', 'management');
      expect((await count()).nodes).toEqual({ analysis: 1, management: 2 });
    });
  });
}
