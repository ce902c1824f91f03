import { HealthModule } from '@ecron/health';
import { type NodeIdentity } from '@ecron/nodes';
import { type Tracing } from '@ecron/observability';
import { MetricsModule } from '@ecron/observability';
import { type Platform, PlatformModule, READINESS } from '@ecron/platform';
import { SchedulingModule } from '@ecron/scheduling';
import { type DynamicModule, Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { JobConsumer } from './messaging/job.consumer.js';
import { RequestConsumer } from './messaging/request.consumer.js';
import { StatusConsumer } from './messaging/status.consumer.js';

@Module({})
class ReadinessModule {}

/** The analysis service: it alone decides that something runs; over HTTP it answers health and metrics only. */
@Module({})
export class AnalysisModule {
  static for(platform: Platform, node: NodeIdentity, tracing: Tracing | null): DynamicModule {
    const base = PlatformModule.for(platform, node, tracing);
    const scheduling = SchedulingModule.with([base]);
    const readiness = {
      module: ReadinessModule,
      imports: [base, scheduling],
      providers: READINESS,
      exports: READINESS,
    };
    return {
      module: AnalysisModule,
      imports: [
        ScheduleModule.forRoot(),
        base,
        scheduling,
        HealthModule.register(READINESS, [readiness]),
        MetricsModule.register(platform.metrics, platform.config.metricsToken),
      ],
      controllers: [JobConsumer, StatusConsumer, RequestConsumer],
    };
  }
}
