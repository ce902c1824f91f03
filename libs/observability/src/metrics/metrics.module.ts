import { type DynamicModule, Module } from '@nestjs/common';
import { METRICS_TOKEN, MetricsController } from './metrics.controller.js';
import { Metrics } from './metrics.js';

/** Answers `/metrics`. */
@Module({})
export class MetricsModule {
  /** @param token what scrapers have to send; null: nothing */
  static register(metrics: Metrics, token: string | null): DynamicModule {
    return {
      module: MetricsModule,
      controllers: [MetricsController],
      providers: [
        { provide: Metrics, useValue: metrics },
        { provide: METRICS_TOKEN, useValue: token },
      ],
    };
  }
}
