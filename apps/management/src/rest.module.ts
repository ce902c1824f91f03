import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { CONFIG, type Config } from '@ecron/config';
import { POLICY_DEFAULTS, type PolicyDefaults, Sealer } from '@ecron/domain';
import {
  AuditService,
  CallbackService,
  CancelService,
  ExecutionService,
  JobService,
  JobSettings,
  LedgerService,
  RequestService,
  ScheduleService,
  StatusService,
} from '@ecron/jobs';
import { CallbackKeyProof } from './callback/callback-key.proof.js';
import { AuditController } from './audit/audit.controller.js';
import { callbackControllerAt } from './callback/callback.controller.js';
import { ErrorFilter } from './errors/error.filter.js';
import { ExecutionController } from './execution/execution.controller.js';
import { JobTotalController } from './job/job-total.controller.js';
import { JobController } from './job/job.controller.js';
import { SlotController } from './job/slot.controller.js';
import { JobExecutionController } from './jobexecution/job-execution.controller.js';
import { JobStatusController } from './jobstatus/job-status.controller.js';
import { LogLevelController } from './log/log-level.controller.js';
import { ExecutorModes } from './modes/executor-modes.js';
import { NodeController } from './node/node.controller.js';
import { OutputController } from './output/output.controller.js';
import { OutputFollowers } from './output/output-followers.service.js';
import { ScheduleController } from './schedule/schedule.controller.js';
import { WebhookDeliveryController } from './webhook/webhook-delivery.controller.js';
import { WebhookSecretController } from './webhook/webhook-secret.controller.js';
import { SignInController } from './sign-in/sign-in.controller.js';

/** Shown as the executor of a request that no node has taken yet. */
const SERVICE_ID = 'ecron-management';

const SERVICES = [
  JobService,
  AuditService,
  StatusService,
  RequestService,
  CancelService,
  CallbackService,
  ExecutionService,
  LedgerService,
  ScheduleService,
];

/**
 * The REST API. `imports` (or global modules) provide `CONFIG`, `POLICY_DEFAULTS`, `Sealer`, `AuditStore`, `Clock`, `Doorbell`, `JobStore`, `ExecutionStore`,
 * `LedgerStore`, `OutputStore`, `CALLBACK_KEYS`, `Authenticator`, `SignInGate`, `NodeStore`, `NodeClock` and `ExecutorModes`; an `AuthModule` beside it puts the guard before its routes.
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
        OutputController,
        ScheduleController,
        NodeController,
        LogLevelController,
        WebhookDeliveryController,
        WebhookSecretController,
        AuditController,
        SignInController,
        callbackControllerAt(webhook),
      ],
      providers: [
        ...SERVICES,
        OutputFollowers,
        CallbackKeyProof,
        {
          provide: JobSettings,
          useFactory: settingsOf,
          inject: [CONFIG, POLICY_DEFAULTS, ExecutorModes, Sealer],
        },
        { provide: APP_FILTER, useClass: ErrorFilter },
      ],
      exports: SERVICES,
    };
  }
}

function settingsOf(
  { timeZone, exeTenants }: Config,
  policyDefaults: PolicyDefaults,
  modes: ExecutorModes,
  sealer: Sealer,
): JobSettings {
  return { timeZone, policyDefaults, modes, sealer, serviceId: SERVICE_ID, commandTenants: exeTenants ?? [] };
}
