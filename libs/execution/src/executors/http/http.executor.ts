import { Inject, Injectable } from '@nestjs/common';
import { Clock, type JobContext, type Outcome } from '@ecron/domain';
import { Agent } from 'undici';
import { type AttemptRequest, Executor } from '../../executor/executor.js';
import { JobExecutor } from '../../executor/job-executor.decorator.js';
import { classifyAnswer } from './classify.js';
import { Cut } from './cut.js';
import { Exchange, headerOf, type Reply } from './exchange.js';
import { firstHop, type Hop, isRedirect, nextHop, prepareRequest, type PreparedRequest } from './hop.js';
import { checkScheme, type TargetCheck } from './target-check.js';
import { describeTransportError, isUnsendable } from './transport-error.js';

export interface HttpExecutorOptions {
  /** Shown to targets as `user-agent: ecron/VERSION`. */
  version: string;
  /** At most so many connections to one origin; more runs wait for one, on their own time. Default 1 024. */
  connectionsPerOrigin?: number;
  /** Default: only the scheme is checked. */
  checkTarget?: TargetCheck;
}

/** DI token of `HttpExecutorOptions`. */
export const HTTP_EXECUTOR_OPTIONS = Symbol('HttpExecutorOptions');

const MAX_REDIRECTS = 10;
const CONNECT_TIMEOUT_MS = 30_000;
// Node's 250 ms are less than one round trip to far addresses: it would give up on each of them.
const NEXT_ADDRESS_AFTER_MS = 2_500;

/**
 * Sends an attempt as an HTTP request and reads the answer: 64 KB of it are kept.
 * TLS certificates are verified. At most 10 redirects are followed. Nothing is sent twice.
 */
@Injectable()
@JobExecutor('http', 'https')
export class HttpExecutor extends Executor {
  private readonly agent: Agent;
  private readonly userAgent: string;
  private readonly checkTarget: TargetCheck;
  /** Runs of one job share their context. */
  private readonly prepared = new WeakMap<JobContext, PreparedRequest>();
  private closing: Promise<void> | null = null;

  constructor(
    @Inject(HTTP_EXECUTOR_OPTIONS) options: HttpExecutorOptions,
    private readonly clock: Clock,
  ) {
    super();
    this.agent = createAgent(options.connectionsPerOrigin ?? 1024);
    this.userAgent = `ecron/${options.version}`;
    this.checkTarget = options.checkTarget ?? checkScheme;
  }

  async run(attempt: AttemptRequest, signal: AbortSignal): Promise<Outcome> {
    const prepared = this.prepare(attempt.context);
    if (prepared === null) return refuse('job_context.exec is not a URL');
    const cut = new Cut(attempt.timeoutMs, signal);
    try {
      return await this.follow(firstHop(prepared, attempt), attempt, cut);
    } finally {
      cut.release();
    }
  }

  private prepare(context: JobContext): PreparedRequest | null {
    const known = this.prepared.get(context);
    if (known !== undefined) return known;
    const prepared = prepareRequest(context, this.userAgent);
    if (prepared !== null) this.prepared.set(context, prepared);
    return prepared;
  }

  override close(): Promise<void> {
    this.closing ??= this.agent.close();
    return this.closing;
  }

  private async follow(first: Hop, attempt: AttemptRequest, cut: Cut): Promise<Outcome> {
    let hop = first;
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
      const refusal = this.checkTarget(hop.url);
      if (refusal !== null) return refuse(`target refused: ${refusal}`);
      const reply = await this.exchange(hop, cut);
      if ('failure' in reply) return cut.end ?? failTransport(reply.failure, hop.url.host);
      const location = headerOf(reply, 'location');
      if (!isRedirect(reply.statusCode, location)) {
        return classifyAnswer(reply, attempt.completion, this.clock.now());
      }
      const next = nextHop(hop, reply.statusCode, location);
      if (next === null) return refuse('redirected to what is not a URL', reply.statusCode);
      hop = next;
    }
    return { kind: 'failed', retryable: true, error: `more than ${MAX_REDIRECTS} redirects`, result: null };
  }

  private exchange(hop: Hop, cut: Cut): Promise<Reply> {
    const exchange = new Exchange();
    cut.guard(() => exchange.stop());
    if (cut.end === null) exchange.start(this.agent, hop);
    return exchange.settled;
  }
}

function createAgent(connections: number): Agent {
  return new Agent({
    connections,
    pipelining: 1,
    allowH2: false,
    // One timer of our own covers the whole attempt.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: CONNECT_TIMEOUT_MS, autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_AFTER_MS },
  });
}

function refuse(error: string, statusCode?: number): Outcome {
  const status = statusCode === undefined ? {} : { statusCode };
  return { kind: 'failed', retryable: false, ...status, error, result: null };
}

function failTransport(error: Error, host: string): Outcome {
  if (isUnsendable(error)) return refuse(`the request cannot be sent: ${error.message}`);
  return { kind: 'failed', retryable: true, error: describeTransportError(error, host), result: null };
}
