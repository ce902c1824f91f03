import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Clock, type ContextFault, type JobContext, type Outcome } from '@ecron/domain';
import { type AttemptRequest, Executor } from '../../executor/executor.js';
import { JobExecutor } from '../../executor/job-executor.decorator.js';
import { refuse } from '../../executor/refuse.js';
import { TargetGuard, TargetRefused } from '../../guard/index.js';
import { AgentPool } from './agent-pool.js';
import { type AnswerRules, readAnswerRules } from './answer-rules.js';
import { classifyAnswer } from './classify.js';
import { Cut } from './cut.js';
import { Exchange, type Failure, headerOf, type Reply } from './exchange.js';
import { firstHop, type Hop, isRedirect, nextHop, prepareRequest, type PreparedRequest } from './hop.js';
import { type DeploymentTls, findTlsFault } from './tls-options.js';
import { warmUp } from './warm-up.js';
import { describeTransportError, isClosed, isUnsendable } from './transport-error.js';

export interface HttpExecutorOptions {
  /** Shown to targets as `user-agent: ecron/VERSION`. */
  version: string;
  /** At most so many connections to one origin; more runs wait for one, on their own time. Default 512. */
  connectionsPerOrigin?: number;
  /** Judges each hop and each address that is connected to. Default: one that knows nothing of our own. */
  guard?: TargetGuard;
  /** For jobs that do not say. Default: verified by the certificates that Node trusts. */
  tls?: DeploymentTls;
}

/** DI token of `HttpExecutorOptions`. */
export const HTTP_EXECUTOR_OPTIONS = Symbol('HttpExecutorOptions');

/** A request and what is made of its answer, the same in every run of a context. */
interface PreparedRun {
  request: PreparedRequest;
  rules: AnswerRules;
}

/**
 * Sends an attempt as an HTTP request and reads the answer: 64 KB of it are kept. TLS certificates are verified, but
 * where the job or the deployment says otherwise. Redirects are followed as far as the job allows. Nothing is sent twice.
 */
@Injectable()
@JobExecutor('http', 'https')
export class HttpExecutor extends Executor implements OnApplicationBootstrap {
  private readonly agents: AgentPool;
  private readonly userAgent: string;
  private readonly guard: TargetGuard;
  /** Runs of one job share their context. A text: why it cannot be run. */
  private readonly prepared = new WeakMap<JobContext, PreparedRun | string>();
  private closing: Promise<void> | null = null;

  constructor(
    @Inject(HTTP_EXECUTOR_OPTIONS) options: HttpExecutorOptions,
    private readonly clock: Clock,
  ) {
    super();
    const { connectionsPerOrigin = 512, tls = {}, version } = options;
    this.guard = options.guard ?? new TargetGuard();
    this.agents = new AgentPool({ connectionsPerOrigin, guard: this.guard, tls });
    this.userAgent = `ecron/${version}`;
    if (tls.verify === false) {
      new Logger(HttpExecutor.name).warn(
        'http_tls_verify is false: certificates of HTTPS targets are not verified',
      );
    }
  }

  /** By one that knows no guard and no certificates: what is compiled is the same. */
  async onApplicationBootstrap(): Promise<void> {
    await warmUp(new HttpExecutor({ version: '' }, this.clock)).catch(() => undefined);
  }

  /** What takes a parser: certificates, keys, expressions. The rest is the contract's own check. */
  override check({ info }: JobContext): ContextFault | null {
    const rules = readAnswerRules(info);
    return 'rule' in rules ? rules : findTlsFault(info.tls ?? {});
  }

  async run(attempt: AttemptRequest, signal: AbortSignal): Promise<Outcome> {
    const prepared = this.prepare(attempt.context);
    if (typeof prepared === 'string') return refuse('bad target', prepared);
    const cut = new Cut(attempt.timeoutMs, signal);
    try {
      return await this.follow(prepared, attempt, cut);
    } finally {
      cut.release();
    }
  }

  override close(): Promise<void> {
    this.closing ??= this.agents.close();
    return this.closing;
  }

  private prepare(context: JobContext): PreparedRun | string {
    const known = this.prepared.get(context);
    if (known !== undefined) return known;
    const prepared = prepareRun(context, this.userAgent);
    this.prepared.set(context, prepared);
    return prepared;
  }

  private async follow({ request, rules }: PreparedRun, attempt: AttemptRequest, cut: Cut): Promise<Outcome> {
    let hop = firstHop(request, attempt);
    for (let redirects = 0; ; redirects += 1) {
      const refusal = this.guard.check(hop.url);
      if (refusal !== null) return refuse('bad target', `target refused: ${refusal}`);
      const reply = await this.exchange(hop, cut);
      if ('failure' in reply) return cut.end ?? failTransport(reply, hop.url.host, attempt);
      const location = rules.maxRedirects === 0 ? '' : headerOf(reply, 'location');
      if (!isRedirect(reply.statusCode, location)) {
        return classifyAnswer(reply, rules, attempt.completion, this.clock.now());
      }
      if (redirects >= rules.maxRedirects) return failRedirects(rules.maxRedirects);
      const next = nextHop(hop, reply.statusCode, location);
      if (next === null) {
        return { ...refuse('bad target', 'redirected to what is not a URL'), statusCode: reply.statusCode };
      }
      hop = next;
    }
  }

  private exchange(hop: Hop, cut: Cut): Promise<Reply> {
    const exchange = new Exchange();
    cut.guard(() => exchange.stop());
    const tls = hop.url.origin === hop.tls?.origin ? hop.tls : null;
    if (cut.end === null) exchange.start(this.agents.agentFor(tls), hop);
    return exchange.settled;
  }
}

/** A text: why it cannot be run. Contexts that were adopted, or saved by another version, were never checked. */
function prepareRun(context: JobContext, userAgent: string): PreparedRun | string {
  const request = prepareRequest(context, userAgent);
  if (request === null) return 'job_context.exec is not a URL';
  const rules = readAnswerRules(context.info);
  if ('rule' in rules) return wordsOf(rules);
  const fault = findTlsFault(context.info.tls ?? {});
  return fault === null ? { request, rules } : wordsOf(fault);
}

function wordsOf({ path, rule }: ContextFault): string {
  return `${path} ${rule}`;
}

function failRedirects(maxRedirects: number): Outcome {
  const error = `more than ${maxRedirects} redirect${maxRedirects === 1 ? '' : 's'}`;
  return { kind: 'failed', retryable: true, error, result: null };
}

function failTransport({ failure, isSilent }: Failure, host: string, { attempt }: AttemptRequest): Outcome {
  if (failure instanceof TargetRefused) return refuse('bad target', `target refused: ${failure.message}`);
  const failed = { kind: 'failed', retryable: true, result: null } as const;
  if (isUnsendable(failure)) {
    return { ...failed, retryable: false, error: `the request cannot be sent: ${failure.message}` };
  }
  const error = describeTransportError(failure, host);
  // Mostly a kept connection that the target was just closing. It cannot be told whether the request was seen, so it
  // counts as an attempt; the second one has no need to wait.
  const retriesAtOnce = attempt === 1 && isSilent && isClosed(failure);
  return { ...failed, error, ...(retriesAtOnce && { retriesAtOnce }) };
}
