import { type Config } from '@ecron/config';
import { AttemptTracer } from '@ecron/execution';
import { type NodeIdentity } from '@ecron/nodes';
import { openTracing, type Tracing } from '@ecron/observability';
import { DispatchTracer } from '@ecron/scheduling';
import { type OnApplicationShutdown, type ValueProvider } from '@nestjs/common';

/** Null: tracing is off. */
export function openNodeTracing(config: Config, node: NodeIdentity): Promise<Tracing | null> {
  const { nodeId, role, version } = node;
  return openTracing(config, { name: `ecron-${role}`, version, instanceId: nodeId });
}

/** What follows dispatches and attempts; null each where tracing is off. */
export function tracers(tracing: Tracing | null): ValueProvider[] {
  const attempts: AttemptTracer | null = tracing?.attempts ?? null;
  const dispatches: DispatchTracer | null = tracing?.dispatches ?? null;
  return [
    { provide: AttemptTracer, useValue: attempts },
    { provide: DispatchTracer, useValue: dispatches },
  ];
}

/** Sends the last spans when everything that makes them has stopped. */
class TracingCloser implements OnApplicationShutdown {
  constructor(private readonly tracing: Tracing | null) {}

  async onApplicationShutdown(): Promise<void> {
    await this.tracing?.close();
  }
}

export const closerOf = (tracing: Tracing | null): ValueProvider => ({
  provide: TracingCloser,
  useValue: new TracingCloser(tracing),
});
