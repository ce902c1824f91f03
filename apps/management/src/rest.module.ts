import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { CONFIG, type Config } from '@ecron/config';
import {
  CallbackService,
  ExecutionService,
  JobService,
  JobSettings,
  LedgerService,
  RequestService,
  ScheduleService,
  StatusService,
} from '@ecron/jobs';
import { callbackControllerAt } from './callback/callback.controller.js';
import { ErrorFilter } from './errors/error.filter.js';
import { ExecutionController } from './execution/execution.controller.js';
import { JobTotalController } from './job/job-total.controller.js';
import { JobController } from './job/job.controller.js';
import { SlotController } from './job/slot.controller.js';
import { JobExecutionController } from './jobexecution/job-execution.controller.js';
import { JobStatusController } from './jobstatus/job-status.controller.js';
import { ScheduleController } from './schedule/schedule.controller.js';

/** Shown as the executor of a request that no node has taken yet. */
const SERVICE_ID = 'ecron-management';

const SERVICES = [
  JobService,
  StatusService,
  RequestService,
  CallbackService,
  ExecutionService,
  LedgerService,
  ScheduleService,
];

/**
 * The REST API. `imports` (or global modules) provide `CONFIG`, `Clock`, `Doorbell`, `JobStore`, `ExecutionStore`
 * and `LedgerStore`; an `AuthModule` beside it puts the guard before its routes.
 */
@Module({})
export class RestModule {
  /** @param webhook the configured path for callbacks. */
  static register(
    { webhook }: Pick<Config, 'webhook'>,
    imports: ModuleMetadata['imports'] = [],
  ): DynamicModule {
    return {
      module: RestModule,
      imports,
      controllers: [
        JobController,
        JobTotalController,
        SlotController,
        JobStatusController,
        JobExecutionController,
        ExecutionController,
        ScheduleController,
        callbackControllerAt(webhook),
      ],
      providers: [
        ...SERVICES,
        { provide: JobSettings, useFactory: settingsOf, inject: [CONFIG] },
        { provide: APP_FILTER, useClass: ErrorFilter },
      ],
      exports: SERVICES,
    };
  }
}

function settingsOf(config: Config): JobSettings {
  return {
    timeZone: config.timeZone,
    policyDefaults: { maxAttempts: config.jobFailures, completion: config.httpCompletion },
    serviceId: SERVICE_ID,
  };
}
