import { readFileSync } from 'node:fs';
import {
  Clock,
  CLUSTER_COMMAND,
  type ContextFault,
  type JobContext,
  type JsonObject,
  mayRunCommands,
  type Outcome,
} from '@ecron/domain';
import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { type AttemptRequest, Executor } from '../../executor/executor.js';
import { JobExecutor } from '../../executor/job-executor.decorator.js';
import { refuse } from '../../executor/refuse.js';
import { TargetGuard } from '../../guard/index.js';
import { OutputRecorder } from '../../output/output-recorder.service.js';
import { OutputStore } from '../../output/output.store.js';
import { type ClusterClient } from './api/cluster-client.js';
import { type JobBody } from './api/objects.js';
import { buildJob, CONTAINER } from './body/build-job.js';
import { checkClusterContext, checkWork } from './body/check-context.js';
import { type ClusterPlace, readPlace } from './body/place.js';
import { Cleaner } from './clean-up.js';
import { ClusterPool } from './cluster-pool.js';
import { describeFault, failByFault } from './faults.js';
import { JobRun } from './job-run.js';
import { KUBERNETES_SETTINGS, type KubernetesSettings } from './kubernetes-settings.js';

const CLEAN_UP_EVERY_MS = 20_000;
/** In every container of a cluster. */
const OWN_NAMESPACE_FILE = '/var/run/secrets/kubernetes.io/serviceaccount/namespace';

/**
 * Runs an attempt as a `batch/v1` Job in one namespace: hardened, under a name that each start of the attempt has in
 * common, so that a node which takes over finds the Job of its predecessor and goes on with it. Its time and a cancel
 * remove the Job and end when its pods are gone; a node that gives the run up leaves it alone.
 */
@Injectable()
@JobExecutor(CLUSTER_COMMAND)
export class KubernetesExecutor extends Executor implements OnModuleInit {
  private readonly logger = new Logger('KubernetesExecutor');
  private readonly pool: ClusterPool | null;
  private timer: NodeJS.Timeout | undefined;
  private readonly cleaner: Cleaner;

  constructor(
    @Inject(KUBERNETES_SETTINGS) private readonly settings: KubernetesSettings,
    guard: TargetGuard,
    private readonly outputs: OutputRecorder,
    executions: OutputStore,
    private readonly clock: Clock,
  ) {
    super();
    const { namespace, configFile } = settings;
    const isOwn = namespace !== null && namespace === ownNamespace();
    this.pool =
      namespace === null || isOwn ? null : new ClusterPool(guard, namespace, configFile, process.env);
    this.cleaner = new Cleaner(executions, (error) =>
      this.logger.debug({
        event: 'kubernetes.clean_failed',
        msg: `finished Jobs not looked for: ${describeFault(error)}`,
      }),
    );
  }

  /** Tells an operator whether the mode is on. */
  onModuleInit(): void {
    const { pool } = this;
    if (pool === null)
      return this.logger.debug({ event: 'executor.off', mode: 'kubernetes', msg: this.whyOff() });
    const everyMs = this.settings.cleanUpEveryMs ?? CLEAN_UP_EVERY_MS;
    this.timer = setInterval(() => this.cleaner.look(pool.known), everyMs).unref();
  }

  override check(context: JobContext): ContextFault | null {
    return checkClusterContext(context, this.settings.namespace);
  }

  async run(attempt: AttemptRequest, signal: AbortSignal): Promise<Outcome> {
    if (this.pool === null) return refuse('unsupported mode', this.whyOff());
    if (!mayRunCommands(attempt.tenantId, this.settings.tenants))
      return refuse('unsupported mode', 'this tenant may not run commands (exe_tenants)');
    const place = readPlace(attempt.context);
    const fault = 'rule' in place ? place : checkWork(attempt.context, place, this.settings.namespace);
    if (fault !== null) return refuse('bad target', `${fault.path} ${fault.rule}`);
    return this.runAt(this.pool, place as ClusterPlace, attempt, signal);
  }

  override async close(): Promise<void> {
    clearInterval(this.timer);
    await this.cleaner.close();
    await this.pool?.close();
  }

  private async runAt(
    pool: ClusterPool,
    place: ClusterPlace,
    attempt: AttemptRequest,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const deadlineAt = this.clock.now() + attempt.timeoutMs;
    const body = buildJob({ attempt, place, settings: this.settings, deadlineAt });
    try {
      return await this.runJob(pool.clientFor(place.proxyOrigin, attempt.executeId), body, attempt, signal);
    } catch (error) {
      return failByFault(error as Error);
    }
  }

  private async runJob(
    client: ClusterClient,
    body: JobBody,
    attempt: AttemptRequest,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const output = this.outputs.begin(attempt);
    try {
      const run = new JobRun(client, body, containerOf(body), attempt, output, signal);
      return await run.carryOut(() => this.clock.now());
    } finally {
      await output.close();
    }
  }

  private whyOff(): string {
    const { namespace } = this.settings;
    return namespace === null
      ? 'Jobs in Kubernetes are off on this node: kubernetes_namespace is not set'
      : `Jobs in Kubernetes are off on this node: kubernetes_namespace is its own namespace (${namespace})`;
  }
}

function containerOf(body: JobBody): string {
  const { containers } = ((body['spec'] as JsonObject)['template'] as JsonObject)['spec'] as {
    containers: { name: string }[];
  };
  return containers[0]?.name ?? CONTAINER;
}

function ownNamespace(): string | null {
  try {
    return readFileSync(OWN_NAMESPACE_FILE, 'utf8').trim();
  } catch {
    return null;
  }
}
