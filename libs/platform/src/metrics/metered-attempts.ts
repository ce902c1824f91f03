import { type Clock, type JobMode } from '@ecron/domain';
import { type AttemptRequest, AttemptWatch } from '@ecron/execution';
import { type Metrics } from '@ecron/observability';

/** Measures how late slots go out, and how long attempts take. */
export class MeteredAttempts extends AttemptWatch {
  constructor(
    private readonly metrics: Metrics,
    private readonly clock: Clock,
  ) {
    super();
  }

  begin(mode: JobMode, { slotAt, attempt }: AttemptRequest): () => void {
    if (slotAt !== null && attempt === 1) this.metrics.late((this.clock.now() - slotAt) / 1000);
    const begunAt = performance.now();
    return () => this.metrics.attempted(mode, (performance.now() - begunAt) / 1000);
  }
}
