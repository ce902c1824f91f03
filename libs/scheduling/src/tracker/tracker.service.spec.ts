import { DEFAULTS, FakeRequests, makeNode, NODE, NOW, rowsOf } from '../../test/fakes.js';
import { Sweeper } from '../sweeper/sweeper.service.js';
import { Tracker } from './tracker.service.js';

describe('the tracker', () => {
  let node: ReturnType<typeof makeNode>;
  let requests: FakeRequests;
  let tracker: Tracker;

  beforeEach(async () => {
    jest.useFakeTimers({ now: NOW });
    node = makeNode();
    requests = new FakeRequests();
    const sweeper = new Sweeper(
      node.waiting,
      node.nodes,
      node.dispatcher,
      node.clock,
      NODE,
      DEFAULTS,
      node.publisher,
    );
    tracker = new Tracker(node.dispatcher, sweeper, requests, node.clock);
    await node.dispatcher.recheck();
  });
  afterEach(() => {
    node.dispatcher.stop();
    jest.useRealTimers();
  });

  it('gives the place of a run that has ended to the next, and takes its retry', async () => {
    node.nodes.capacity = 0.5;
    await node.dispatcher.recheck();
    node.dispatcher.hold(rowsOf(2, NOW));
    expect(node.publisher.ids).toEqual(['e0']);
    node.waiting.pages = [[{ executeId: 'e0', tenantId: 'tenant-a', dueAt: NOW + 5_000 }]];
    tracker.statusChanged({ execute_id: 'e0' });
    await jest.advanceTimersByTimeAsync(20);
    expect(node.publisher.ids).toEqual(['e0', 'e1']);
    tracker.statusChanged({ execute_id: 'e1' });
    await jest.advanceTimersByTimeAsync(5_000);
    expect(node.publisher.ids).toEqual(['e0', 'e1', 'e0']);
  });

  it('takes a requested run at once', async () => {
    node.waiting.pages = [rowsOf(1, NOW)];
    expect(await tracker.requested({ jobId: 'job', executeId: 'e0' })).toBe(true);
    const by = { userId: '', clientId: '', requestId: 'e0', source: 'queue' };
    expect(requests.asked).toEqual([['job', 'e0', NOW, by, null]]);
    expect(node.publisher.ids).toEqual(['e0']);
  });

  it('tells of a request that neither an id nor a job stands behind', async () => {
    requests.isKnown = false;
    expect(await tracker.requested({ jobId: 'job', executeId: 'e0' })).toBe(false);
  });

  it('fails where the row cannot be written, so that the request comes again', async () => {
    jest.spyOn(requests, 'requestRun').mockRejectedValue(new Error('no database'));
    await expect(tracker.requested({ jobId: 'job', executeId: 'e0' })).rejects.toThrow('no database');
  });
});
