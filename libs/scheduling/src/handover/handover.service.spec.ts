import { Logger } from '@nestjs/common';
import { makeNode, NOW } from '../../test/fakes.js';
import { type Sweeper } from '../sweeper/sweeper.service.js';
import { Handover } from './handover.service.js';

describe('the handover', () => {
  let node: ReturnType<typeof makeNode>;
  let takes: number;
  let handover: Handover;
  beforeEach(() => {
    Logger.overrideLogger(false);
    jest.useFakeTimers({ now: NOW });
    node = makeNode();
    takes = 0;
    const sweeper = { takeUnheld: async () => void takes++ } as Partial<Sweeper> as Sweeper;
    handover = new Handover(node.nodes, sweeper, node.clock);
  });
  afterEach(() => jest.useRealTimers());

  it('takes what a node held as soon as its hold has lapsed, once', async () => {
    await handover.look();
    expect(takes).toBe(0);
    node.nodes.lapsed = ['a2'];
    await handover.look();
    await handover.look();
    expect(takes).toBe(1);
  });

  it('takes for each node, and for one that came back and went again', async () => {
    node.nodes.lapsed = ['a2'];
    await handover.look();
    node.nodes.lapsed = ['a2', 'a3'];
    await handover.look();
    expect(takes).toBe(2);
    node.nodes.lapsed = ['a3'];
    await handover.look();
    node.nodes.lapsed = ['a2', 'a3'];
    await handover.look();
    expect(takes).toBe(3);
  });

  it('goes on after a look that failed', async () => {
    node.nodes.isAway = true;
    await handover.look();
    node.nodes.isAway = false;
    node.nodes.lapsed = ['a2'];
    await handover.look();
    expect(takes).toBe(1);
  });
});
