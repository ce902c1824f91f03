import { type ContextFault, type JobContext, optionsOf, type Outcome } from '@ecron/domain';
import { type Outlet, type PublishResult } from '@ecron/messaging';
import { Inject, Injectable } from '@nestjs/common';
import { type AttemptRequest, Executor } from '../../executor/executor.js';
import { JobExecutor } from '../../executor/job-executor.decorator.js';
import { refuse } from '../../executor/refuse.js';
import { Cut } from '../http/cut.js';
import { composeMessage } from './compose-message.js';
import { PublishOptionsDto } from './publish-options.dto.js';

/** DI token of the broker's `Outlet`; null where messages do not leave the process. */
export const OUTLET = Symbol('OUTLET');

const NO_BROKER = 'needs NSQ or Kafka (mq_connector_type): this deployment keeps its messages in memory';

/**
 * Publishes `info.body` to the topic `exec` of the deployment's own broker. The run has succeeded when the broker has
 * acknowledged the message: who reads it, and when, is not followed. A message can come twice, with one idempotency key.
 */
@Injectable()
@JobExecutor('publish', { timeoutS: 30, nodeLost: 'retry', options: PublishOptionsDto })
export class PublishExecutor extends Executor {
  constructor(@Inject(OUTLET) private readonly outlet: Outlet | null) {
    super();
  }

  override check(context: JobContext): ContextFault | null {
    if (this.outlet === null) return { path: 'job_context.mode', rule: NO_BROKER };
    return checkTopic(context, this.outlet) ?? checkMessage(context, this.outlet);
  }

  async run(attempt: AttemptRequest, signal: AbortSignal): Promise<Outcome> {
    if (this.outlet === null) return refuse('unsupported mode', `mode "publish" ${NO_BROKER}`);
    const { context, timeoutMs } = attempt;
    if (context.info.body === null) return refuse('bad target', 'job_context.info.body holds no message');
    const cut = new Cut(timeoutMs, signal);
    try {
      return cut.end ?? (await Promise.race([publish(this.outlet, attempt), untilCut(cut)]));
    } finally {
      cut.release();
    }
  }
}

function untilCut(cut: Cut): Promise<Outcome> {
  return new Promise((resolve) => cut.guard(() => cut.end !== null && resolve(cut.end)));
}

function checkTopic({ exec }: JobContext, outlet: Outlet): ContextFault | null {
  const rule = exec === '' ? 'must be a topic' : outlet.findTopicFault(exec);
  return rule === null ? null : { path: 'job_context.exec', rule };
}

function checkMessage(context: JobContext, { broker, hasKeys }: Outlet): ContextFault | null {
  const { key }: PublishOptionsDto = optionsOf(context);
  if (context.info.body === null)
    return { path: 'job_context.info.body', rule: 'must be an object: the message' };
  if (typeof key !== 'string' || hasKeys) return null;
  return { path: 'job_context.info.publish.key', rule: `must be left out: ${broker} has no keys` };
}

async function publish(outlet: Outlet, attempt: AttemptRequest): Promise<Outcome> {
  try {
    return toOutcome(await outlet.publish(attempt.context.exec, composeMessage(attempt)));
  } catch {
    return away(outlet);
  }
}

function toOutcome(result: PublishResult): Outcome {
  if (result === 'published') return { kind: 'succeeded', result: null };
  const { refusal, isFinal } = result;
  if (isFinal) return refuse('bad target', refusal);
  return { kind: 'failed', retryable: true, error: refusal, result: null };
}

/** Why exactly is the operators' to know: the log and the readiness say it, with the broker's address. */
function away({ broker }: Outlet): Outcome {
  return { kind: 'failed', retryable: true, error: `${broker} did not take the message`, result: null };
}
