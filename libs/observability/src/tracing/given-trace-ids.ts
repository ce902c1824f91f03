import { type IdGenerator, RandomIdGenerator } from '@opentelemetry/sdk-trace';

/** Random ids, but for the trace of a span that is just being started with one of its own. */
export class GivenTraceIds implements IdGenerator {
  private readonly random = new RandomIdGenerator();
  private given: string | null = null;

  /** @param start starts one span without a parent, and returns it */
  use<T>(traceId: string, start: () => T): T {
    this.given = traceId;
    try {
      return start();
    } finally {
      this.given = null;
    }
  }

  generateTraceId(): string {
    return this.given ?? this.random.generateTraceId();
  }

  generateSpanId(): string {
    return this.random.generateSpanId();
  }
}
