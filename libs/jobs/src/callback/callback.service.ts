import { Injectable } from '@nestjs/common';
import { Clock, type JsonObject } from '@ecron/domain';
import { actorOf, type Caller, scopeOf } from '../caller.js';
import { refuse } from '../errors.js';
import { JobSettings } from '../job-settings.js';
import { Doorbell } from '../ports/doorbell.js';
import { ExecutionStore } from '../ports/execution.store.js';
import { ring } from '../ring.js';
import { showSecond } from '../show-time.js';
import { successMessage } from '../status/show-status.js';
import { resultText } from '../status/status-input.js';

/** Results that targets report when their work is done. */
@Injectable()
export class CallbackService {
  constructor(
    private readonly executions: ExecutionStore,
    private readonly doorbell: Doorbell,
    private readonly clock: Clock,
    private readonly settings: JobSettings,
  ) {}

  /** Early, late or twice: the first one ends the execution, a final one keeps its state. */
  async complete(caller: Caller, executeId: string, result: JsonObject | null): Promise<void> {
    const scope = scopeOf(caller);
    const text = resultText(result);
    const outcome = await this.executions.completeByCallback(scope, executeId, text, actorOf(caller));
    if (outcome === 'unknown') throw refuse.unknownExecution();
    if (outcome === 'already final') return;
    const execution = await this.executions.find(scope, executeId);
    if (execution === null) return;
    const endAt = showSecond(execution.endedAt ?? this.clock.now(), this.settings.timeZone);
    const message = successMessage(execution, endAt, result);
    await ring(() => this.doorbell.executionEnded(message));
  }
}
