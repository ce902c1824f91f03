import { Logger } from '@nestjs/common';
import { type ReadableSpan, type SpanExporter } from '@opentelemetry/sdk-trace';

type Done = Parameters<SpanExporter['export']>[1];

/** `ExportResultCode.SUCCESS` of a package that is not one of ours. */
const SUCCESS = 0;

/** Says once that spans do not get out, and once that they do again: an outage of the collector is no flood of lines. */
export class WatchedExporter implements SpanExporter {
  private readonly logger = new Logger('Tracing');
  private isFailing = false;

  constructor(private readonly exporter: SpanExporter) {}

  export(spans: ReadableSpan[], done: Done): void {
    this.exporter.export(spans, (result) => {
      this.note(Number(result.code) === SUCCESS ? null : (result.error?.message ?? 'no reason given'));
      done(result);
    });
  }

  shutdown(): Promise<void> {
    return this.exporter.shutdown();
  }

  async forceFlush(): Promise<void> {
    await this.exporter.forceFlush?.();
  }

  private note(fault: string | null): void {
    if (this.isFailing === (fault !== null)) return;
    this.isFailing = fault !== null;
    if (fault === null) this.logger.log('spans are sent again');
    else this.logger.warn(`spans are dropped, the collector does not take them: ${fault}`);
  }
}
