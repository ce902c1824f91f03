import { Heartbeat } from '@ecron/nodes';
import { DEFAULTS, FakeClaims, FakeRecovery, makeNode, NODE, NOW, rowsOf } from '../test/fakes.js';
import { Claimer } from './claimer/claimer.service.js';
import { Handover } from './handover/handover.service.js';
import { Reaper } from './reaper/reaper.service.js';
import { Rewinder } from './rewinder/rewinder.service.js';
import { Scheduling } from './scheduling.service.js';
import { Sweeper } from './sweeper/sweeper.service.js';

describe('an analysis node', () => {
  const node = makeNode();
  const claims = new FakeClaims();
  const heartbeat = new Heartbeat(NODE, node.nodes, node.clock);
  const claimer = new Claimer(claims, node.dispatcher, node.clock, NODE, DEFAULTS);
  const sweeper = new Sweeper(
    node.waiting,
    node.nodes,
    node.dispatcher,
    node.clock,
    NODE,
    DEFAULTS,
    node.publisher,
  );
  const handover = new Handover(node.nodes, sweeper, node.clock);
  const recovery = new FakeRecovery();
  const rewinder = new Rewinder(claims, node.clock);
  const reaper = new Reaper(recovery, heartbeat, sweeper, node.clock, NODE, DEFAULTS);
  const scheduling = new Scheduling(
    claimer,
    node.dispatcher,
    sweeper,
    handover,
    reaper,
    rewinder,
    node.waiting,
    NODE,
    heartbeat,
  );

  it('looks at once when it starts, knowing what the nodes can take', async () => {
    claims.claims = [{ jobs: 1, held: rowsOf(1, NOW, 'claimed') }];
    node.waiting.pages = [rowsOf(1, NOW, 'taken')];
    await scheduling.start();
    expect([...node.publisher.ids].sort()).toEqual(['claimed0', 'taken0']);
  });

  it('gives up what it holds when it stops, then leaves, once', async () => {
    const left: string[] = [];
    jest.spyOn(node.nodes, 'leave').mockImplementation(async (...[nodeId]: unknown[]) => {
      left.push(String(nodeId));
      expect(node.waiting.calls.at(-1)).toBe('release');
    });
    await Promise.all([scheduling.stop(), scheduling.stop()]);
    expect(node.waiting.calls.filter((call) => call === 'release')).toHaveLength(1);
    expect(left).toEqual(['analysis-1']);
    expect(node.dispatcher.room).toBe(0);
  });

  it('looks at nothing once it has stopped', async () => {
    jest.spyOn(node.clock, 'stepsBack', 'get').mockReturnValue(1);
    claims.claims = [{ jobs: 1, held: [] }];
    const looks = [
      jest.spyOn(claims, 'claimDue'),
      jest.spyOn(claims, 'rewind'),
      jest.spyOn(node.nodes, 'lapsedHolders'),
      jest.spyOn(recovery, 'findDeparted'),
    ];
    await Promise.all([claimer.claim(), rewinder.look(), handover.look(), reaper.look()]);
    for (const look of looks) expect(look).not.toHaveBeenCalled();
  });
});
