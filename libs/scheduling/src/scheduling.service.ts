import { Heartbeat, NodeIdentity } from '@ecron/nodes';
import { Injectable } from '@nestjs/common';
import { Claimer } from './claimer/claimer.service.js';
import { Dispatcher } from './dispatcher/dispatcher.service.js';
import { Handover } from './handover/handover.service.js';
import { WaitingStore } from './ports/waiting.store.js';
import { Reaper } from './reaper/reaper.service.js';
import { Rewinder } from './rewinder/rewinder.service.js';
import { Sweeper } from './sweeper/sweeper.service.js';

/** Starts and stops the routines of an analysis node. */
@Injectable()
export class Scheduling {
  private stopping: Promise<void> | null = null;

  constructor(
    private readonly claimer: Claimer,
    private readonly dispatcher: Dispatcher,
    private readonly sweeper: Sweeper,
    private readonly handover: Handover,
    private readonly reaper: Reaper,
    private readonly rewinder: Rewinder,
    private readonly store: WaitingStore,
    private readonly node: NodeIdentity,
    private readonly heartbeat: Heartbeat,
  ) {}

  /** Looks at once, so that the first second after a start is not lost. */
  async start(): Promise<void> {
    await this.dispatcher.recheck();
    await Promise.all([this.claimer.claim(), this.sweeper.takeUnheld()]);
  }

  /** Stops claiming, then sending, then gives up what is held, for others to take at once. Idempotent. */
  stop(): Promise<void> {
    this.stopping ??= this.stopOnce();
    return this.stopping;
  }

  private async stopOnce(): Promise<void> {
    await this.claimer.stop();
    this.dispatcher.stop();
    await Promise.all([this.handover.stop(), this.reaper.stop(), this.rewinder.stop()]);
    await this.sweeper.stop();
    await this.store.release(this.node.nodeId);
    await this.heartbeat.stop();
  }
}
