import { type JobContext, type Outcome, type Sealer } from '@ecron/domain';
import { Heartbeat, type NodeStore } from '@ecron/nodes';
import { type ExecutorRegistry } from '../src/executor/executor-registry.js';
import { Recorder } from '../src/recorder/recorder.service.js';
import { Runner } from '../src/runner/runner.service.js';
import { contextWith } from './attempts.js';
import { FakeRuns, ManualExecutor, MovedTime, nodeOf, RecordingPublisher } from './fakes.js';

export const FAILED: Outcome = {
  kind: 'failed',
  retryable: true,
  statusCode: 500,
  error: 'answered 500',
  result: null,
};

/** A command that lives on without its node. */
export const IN_CLUSTER: JobContext = contextWith('exe', 'tool', { kubernetes: { image: 'tool' } });

/** A runner with so many places, and what it stands on. Nothing carries out `https`. */
export class RunnerStage {
  readonly store = new FakeRuns();
  readonly executor = new ManualExecutor(this.store.signal);
  readonly time = new MovedTime();
  readonly heartbeat: Heartbeat;
  readonly runner: Runner;

  constructor(capacity: number) {
    const { store, executor, time } = this;
    const registry = {
      find: (mode: string) => (mode === 'https' ? undefined : executor),
    } as ExecutorRegistry;
    const node = nodeOf(capacity);
    const nodes = { beat: async () => undefined } as unknown as NodeStore;
    this.heartbeat = new Heartbeat(node, nodes, time.clock);
    const recorder = new Recorder(store, new RecordingPublisher());
    const sealer = { open: (text: string) => text } as unknown as Sealer;
    const defaults = { maxAttempts: 3, completion: 'auto' as const };
    this.runner = new Runner(
      store,
      recorder,
      registry,
      time.clock,
      node,
      this.heartbeat,
      defaults,
      (executeId) => `/webhook/${executeId}`,
      sealer,
    );
  }

  untilRunning(count: number): Promise<void> {
    return this.store.signal.until(() => this.executor.ids.length === count);
  }

  untilWritten(count: number): Promise<void> {
    return this.store.signal.until(() => this.store.written.length === count);
  }
}
