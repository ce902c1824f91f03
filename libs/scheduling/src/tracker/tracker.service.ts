import { type Actor, type JobContext, type StatusMessage } from '@ecron/domain';
import { NodeClock } from '@ecron/nodes';
import { Injectable } from '@nestjs/common';
import { Dispatcher } from '../dispatcher/dispatcher.service.js';
import { QueuedRequestStore } from '../ports/request.store.js';
import { Sweeper } from '../sweeper/sweeper.service.js';

/** What a request on the queue says, as far as it is listened to. */
export interface QueuedRequest {
  jobId: string;
  executeId: string;
  /** What to run instead of what is stored; left out or null: the job as it stands. */
  context?: JobContext | null;
}

/** Follows up what the queue rings about: retries to arm, runs to wake, requests to take. */
@Injectable()
export class Tracker {
  constructor(
    private readonly dispatcher: Dispatcher,
    private readonly sweeper: Sweeper,
    private readonly requests: QueuedRequestStore,
    private readonly clock: NodeClock,
  ) {}

  /** An attempt has ended: there is room for others, and perhaps a retry or a run that waited for it. */
  statusChanged(message: Pick<StatusMessage, 'execute_id'>): void {
    this.dispatcher.settle(message.execute_id);
    this.sweeper.followUp();
  }

  /**
   * A row waits to be taken, or (from outside) a run of a stored job is asked for under an execute id.
   * A repeat finds the row of the first. False: the id is not known, and the job neither or full.
   */
  async requested({ jobId, executeId, context = null }: QueuedRequest): Promise<boolean> {
    const by: Actor = { userId: '', clientId: '', requestId: executeId, source: 'queue' };
    const known = await this.requests.requestRun(jobId, executeId, this.clock.now(), by, context);
    this.dispatcher.settle(executeId);
    await this.sweeper.takeUnheld();
    return known;
  }
}
