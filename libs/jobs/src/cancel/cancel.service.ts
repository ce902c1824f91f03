import { Injectable } from '@nestjs/common';
import { Clock, statusMessage } from '@ecron/domain';
import { actorOf, type Caller, scopeOf } from '../caller.js';
import { refuse } from '../errors.js';
import { ExecutionService } from '../execution/execution.service.js';
import { type ExecutionView } from '../execution/show-execution.js';
import { JobSettings } from '../job-settings.js';
import { type Optional } from '../job/job-input.js';
import { readText } from '../job/read-fields.js';
import { Doorbell } from '../ports/doorbell.js';
import { ExecutionStore } from '../ports/execution.store.js';
import { ring } from '../ring.js';
import { showSecond } from '../show-time.js';

const MAX_NOTE_LENGTH = 256;

/** Ends executions before they have ended by themselves. */
@Injectable()
export class CancelService {
  constructor(
    private readonly executions: ExecutionStore,
    private readonly views: ExecutionService,
    private readonly doorbell: Doorbell,
    private readonly clock: Clock,
    private readonly settings: JobSettings,
  ) {}

  /** What waits has ended when this resolves; what runs is aborted by its node within a second or two. */
  async cancel(caller: Caller, executeId: string, reason: Optional<string>): Promise<ExecutionView> {
    const note = readText('reason', reason ?? '', MAX_NOTE_LENGTH);
    const outcome = await this.executions.cancel(scopeOf(caller), executeId, note, actorOf(caller));
    if (outcome === 'unknown') throw refuse.unknownExecution();
    if (outcome === 'already final') throw refuse.alreadyFinal();
    const view = await this.views.get(caller, executeId);
    if (outcome === 'ended') await this.tell(executeId, view.job_id);
    return view;
  }

  /** Others may have waited for it to end. */
  private async tell(executeId: string, jobId: string): Promise<void> {
    const endAt = showSecond(this.clock.now(), this.settings.timeZone);
    const message = statusMessage({ executeId, jobId, state: 'interrupted' }, endAt);
    await ring(() => this.doorbell.executionEnded(message));
  }
}
