import { type ContextFault, type JobContext, optionsOf, type Outcome } from '@ecron/domain';
import { type Outlet, type PublishResult } from '@ecron/messaging';
import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { type AttemptRequest, Executor } from '../../executor/executor.js';
import { JobExecutor } from '../../executor/job-executor.decorator.js';
import { refuse } from '../../executor/refuse.js';
import { Cut } from '../http/cut.js';
import { composeMessage } from './compose-message.js';
import { isListed } from './is-listed.js';
import { PublishOptionsDto } from './publish-options.dto.js';

/** DI token of the broker's `Outlet`; null where messages do not leave the process. */
export const OUTLET = Symbol('OUTLET');

/** DI token of the topics that jobs may publish to: names, or beginnings with a `*` behind them. Empty: the mode is off. */
export const PUBLISH_TOPICS = Symbol('PUBLISH_TOPICS');

const NO_BROKER = 'needs NSQ or Kafka (mq_connector_type): this deployment keeps its messages in memory';
const NO_TOPIC = 'is off on this node: publish_topics lists no topic';
const UNLISTED = 'must be one that publish_topics lists';

/**
 * Publishes `info.body` to the topic `exec` of the deployment's own broker. The run has succeeded when the broker has
 * acknowledged the message: who reads it, and when, is not followed. A message can come twice, with one idempotency key.
 */
@Injectable()
@JobExecutor('publish', { timeoutS: 30, nodeLost: 'retry', options: PublishOptionsDto })
export class PublishExecutor extends Executor implements OnModuleInit {
  private readonly logger = new Logger('PublishExecutor');

  constructor(
    @Inject(OUTLET) private readonly outlet: Outlet | null,
    @Inject(PUBLISH_TOPICS) private readonly topics: readonly string[],
  ) {
    super();
  }

  /** Tells an operator whether the mode is on. */
  onModuleInit(): void {
    if (this.outlet !== null && this.topics.length === 0)
      this.logger.debug({
        event: 'executor.off',
        mode: 'publish',
        msg: 'publishing is off: publish_topics lists no topic',
      });
  }

  override check(context: JobContext): ContextFault | null {
    const { outlet, topics } = this;
    if (outlet === null) return { path: 'job_context.mode', rule: NO_BROKER };
    if (topics.length === 0) return { path: 'job_context.mode', rule: NO_TOPIC };
    return checkTopic(context, outlet, topics) ?? checkMessage(context, outlet);
  }

  async run(attempt: AttemptRequest, signal: AbortSignal): Promise<Outcome> {
    if (this.outlet === null) return refuse('unsupported mode', `mode "publish" ${NO_BROKER}`);
    if (this.topics.length === 0) return refuse('unsupported mode', `mode "publish" ${NO_TOPIC}`);
    const { context, timeoutMs } = attempt;
    if (!isListed(context.exec, this.topics)) return refuse('bad target', `the topic ${UNLISTED}`);
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

function checkTopic({ exec }: JobContext, outlet: Outlet, topics: readonly string[]): ContextFault | null {
  const rule = findTopicFault(exec, outlet) ?? (isListed(exec, topics) ? null : UNLISTED);
  return rule === null ? null : { path: 'job_context.exec', rule };
}

function findTopicFault(topic: string, outlet: Outlet): string | null {
  return topic === '' ? 'must be a topic' : outlet.findTopicFault(topic);
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
