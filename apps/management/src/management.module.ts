import { AuthModule } from '@ecron/auth';
import { isAuthEnabled, type ProcessRole, tokenServerUrl } from '@ecron/config';
import { ExecutionModule, HTTP_EXECUTOR_OPTIONS, HttpExecutor, WEBHOOK_PATH } from '@ecron/execution';
import { HealthModule } from '@ecron/health';
import { Doorbell } from '@ecron/jobs';
import { type NodeIdentity } from '@ecron/nodes';
import { type Platform, PlatformModule, READINESS, VERSION } from '@ecron/platform';
import { type DynamicModule, Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { DispatchConsumer } from './messaging/dispatch.consumer.js';
import { MessageDoorbell } from './messaging/message-doorbell.js';
import { RestModule } from './rest.module.js';

@Module({})
class DoorbellModule {}

@Module({})
class ReadinessModule {}

/** The management service: the REST API, and everything that runs. */
@Module({})
export class ManagementModule {
  static for(platform: Platform, node: NodeIdentity, role: ProcessRole): DynamicModule {
    const { config } = platform;
    const base = PlatformModule.for(platform, node);
    const execution = ExecutionModule.with(
      [base],
      [
        { provide: WEBHOOK_PATH, useValue: config.webhook },
        { provide: HTTP_EXECUTOR_OPTIONS, useValue: { version: VERSION } },
        HttpExecutor,
      ],
    );
    const doorbell = {
      module: DoorbellModule,
      imports: [base],
      providers: [{ provide: Doorbell, useClass: MessageDoorbell }],
      exports: [Doorbell],
    };
    const readiness = {
      module: ReadinessModule,
      imports: [base, execution],
      providers: READINESS,
      exports: READINESS,
    };
    const auth = isAuthEnabled(config, role)
      ? AuthModule.withTokenServer(tokenServerUrl(config))
      : AuthModule.open();
    return {
      module: ManagementModule,
      imports: [
        ScheduleModule.forRoot(),
        auth,
        base,
        execution,
        RestModule.register(config, [base, doorbell]),
        HealthModule.register(READINESS, [readiness]),
      ],
      controllers: [DispatchConsumer],
    };
  }
}
