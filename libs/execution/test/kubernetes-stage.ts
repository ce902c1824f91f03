import { setTimeout as pause } from 'node:timers/promises';
import { type JobContext, type JsonObject, type Outcome } from '@ecron/domain';
import { type AttemptRequest } from '../src/executor/executor.js';
import { KubernetesExecutor } from '../src/executors/kubernetes/kubernetes.executor.js';
import { type KubernetesSettings } from '../src/executors/kubernetes/kubernetes-settings.js';
import { TargetGuard } from '../src/guard/index.js';
import { OutputRecorder } from '../src/output/output-recorder.service.js';
import { attemptOf, commandContext } from './command-stage.js';
import { FakeOutputs } from './fake-outputs.js';
import { stillClock } from './fakes.js';

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

  run(own: Partial<AttemptRequest>, signal = new AbortController().signal): Promise<Outcome> {
    const [executor = this.executor()] = this.executors;
    return executor.run(attemptOf('', own), signal);
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

/** A shell script in an image. */
export function scriptIn(image: string, script: string, kubernetes: JsonObject = {}): JobContext {
  const context = commandContext('/bin/sh -c', { script });
  return { ...context, info: { ...context.info, kubernetes: { image, ...kubernetes } } };
}

export function bodyContext(body: JsonObject, kubernetes: JsonObject = { image: 'any' }): JobContext {
  const context = commandContext('unused');
  return { ...context, info: { ...context.info, body, kubernetes } };
}

/** The shortest body with a container. */
export function bodyOf(container: JsonObject, pod: JsonObject = {}): JsonObject {
  return { spec: { template: { spec: { ...pod, containers: [{ image: 'tool', ...container }] } } } };
}
