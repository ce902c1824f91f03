import { setTimeout as pause } from 'node:timers/promises';
import { type JobContext, type JsonObject, type Outcome } from '@ecron/domain';
import { type AttemptRequest } from '../src/executor/executor.js';
import { KubernetesExecutor } from '../src/executors/kubernetes/kubernetes.executor.js';
import { type ApiList, type ApiObject } from '../src/executors/kubernetes/api/objects.js';
import { type KubernetesSettings } from '../src/executors/kubernetes/kubernetes-settings.js';
import { TargetGuard } from '../src/guard/index.js';
import { OutputRecorder } from '../src/output/output-recorder.service.js';
import { attemptWith, contextWith, NEVER } from './attempts.js';
import { FakeOutputs } from './fake-outputs.js';
import { stillClock } from './fakes.js';

type OwnAttempt = Partial<AttemptRequest> & Pick<AttemptRequest, 'context'>;

/** Executors of Kubernetes Jobs, and what these put out. */
export class KubernetesStage {
  readonly outputs = new FakeOutputs();
  readonly executors: KubernetesExecutor[] = [];
  now = (): number => Date.now();
  settings: KubernetesSettings = {
    namespace: 'jobs',
    configFile: null,
    serviceAccount: 'default',
    imagePullSecrets: [],
    tenants: null,
    cleanUpEveryMs: 3_600_000,
  };

  /** One more node. */
  executor(own: Partial<KubernetesSettings> = {}): KubernetesExecutor {
    const settings = { ...this.settings, ...own };
    const recorder = new OutputRecorder(this.outputs, stillClock());
    const clock = { now: () => this.now() };
    const executor = new KubernetesExecutor(settings, new TargetGuard(), recorder, this.outputs, clock);
    this.executors.push(executor);
    return executor;
  }

  /** On the first node. */
  run(own: OwnAttempt, signal = NEVER): Promise<Outcome> {
    const [executor = this.executor()] = this.executors;
    return runOn(executor, own, signal);
  }

  async close(): Promise<void> {
    await Promise.all(this.executors.map((executor) => executor.close()));
  }

  shown(executeId: string, stream: 'stdout' | 'stderr' = 'stdout'): string {
    const pieces = this.outputs.pieces.filter((piece) => piece.executeId === executeId);
    return pieces.filter((piece) => piece.stream === stream).at(-1)?.head ?? '';
  }

  /** Of what only the cluster knows, and cannot be told of. */
  async untilSo(isSo: () => Promise<boolean>): Promise<void> {
    while (!(await isSo())) await pause(50);
  }

  untilShown(executeId: string, text: string): Promise<void> {
    return this.outputs.signal.until(() => this.shown(executeId).includes(text));
  }
}

export function runOn(
  executor: KubernetesExecutor,
  { context, ...own }: OwnAttempt,
  signal = NEVER,
): Promise<Outcome> {
  return executor.run(attemptWith(context, own), signal);
}

/** A shell script in an image. */
export function scriptIn(image: string, script: string, kubernetes: JsonObject = {}): JobContext {
  return contextWith('exe', '/bin/sh -c', { params: { script }, kubernetes: { image, ...kubernetes } });
}

export function bodyContext(body: JsonObject, kubernetes: JsonObject = { image: 'any' }): JobContext {
  return contextWith('exe', 'unused', { body, kubernetes });
}

/** The shortest body with a container. */
export function bodyOf(container: JsonObject, pod: JsonObject = {}): JsonObject {
  return { spec: { template: { spec: { ...pod, containers: [{ image: 'tool', ...container }] } } } };
}

/** Somebody who may do anything in a real cluster. */
export interface ClusterAdmin {
  kubeconfig: string;
  call<T>(method: 'GET' | 'POST', path: string, body?: object): Promise<T>;
}

export function makeNamespace(
  admin: ClusterAdmin,
  name: string,
  labels: Record<string, string> = {},
): Promise<unknown> {
  const metadata = { name, labels };
  return admin.call('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata });
}

const PATHS = { jobs: '/apis/batch/v1/namespaces/jobs/jobs', pods: '/api/v1/namespaces/jobs/pods' };

/** What is in the cluster of an execution, in the namespace of the stage. */
export async function findOf(
  admin: ClusterAdmin,
  kind: keyof typeof PATHS,
  executeId: string,
): Promise<ApiObject[]> {
  const { items } = await admin.call<ApiList<ApiObject>>('GET', PATHS[kind]);
  return items.filter(({ metadata }) => metadata.name.startsWith(`ecron-${executeId}-`));
}
