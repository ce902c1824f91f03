import { AuthModule } from '@ecron/auth';
import { type Config, isAuthEnabled, type ProcessRole, tokenServerUrl } from '@ecron/config';
import {
  COMMAND_SETTINGS,
  type CommandSettings,
  ExecutionModule,
  ExecutorRegistry,
  HTTP_EXECUTOR_OPTIONS,
  type HttpExecutorOptions,
  KUBERNETES_SETTINGS,
  type KubernetesSettings,
  OUTLET,
  TargetGuard,
  WEBHOOK_PATH,
} from '@ecron/execution';
import { HealthModule } from '@ecron/health';
import { Doorbell } from '@ecron/jobs';
import { type NodeIdentity } from '@ecron/nodes';
import { type Platform, PlatformModule, READINESS, VERSION } from '@ecron/platform';
import { type DynamicModule, Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { DispatchConsumer } from './messaging/dispatch.consumer.js';
import { MessageDoorbell } from './messaging/message-doorbell.js';
import { deploymentTls } from './deployment-tls.js';
import { ExecutorModes } from './modes/executor-modes.js';
import { ownAddresses } from './own-addresses.js';
import { RestModule } from './rest.module.js';

@Module({})
class DoorbellModule {}

@Module({})
class ModesModule {}

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
        { provide: TargetGuard, useValue: createGuard(config, role) },
        {
          provide: HTTP_EXECUTOR_OPTIONS,
          useFactory: (guard: TargetGuard): HttpExecutorOptions => ({
            version: VERSION,
            connectionsPerOrigin: config.httpHostConnections,
            guard,
            tls: deploymentTls(config),
          }),
          inject: [TargetGuard],
        },
        { provide: COMMAND_SETTINGS, useValue: commandSettings(config, role) },
        { provide: KUBERNETES_SETTINGS, useValue: kubernetesSettings(config, role) },
        { provide: OUTLET, useValue: platform.transport.outlet() },
      ],
    );
    const doorbell = {
      module: DoorbellModule,
      imports: [base],
      providers: [{ provide: Doorbell, useClass: MessageDoorbell }],
      exports: [Doorbell],
    };
    const modes = {
      module: ModesModule,
      imports: [execution],
      providers: [
        {
          provide: ExecutorModes,
          useFactory: (registry: ExecutorRegistry): ExecutorModes => new ExecutorModes(registry),
          inject: [ExecutorRegistry],
        },
      ],
      exports: [ExecutorModes],
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
        RestModule.register(config, [base, doorbell, modes]),
        HealthModule.register(READINESS, [readiness]),
      ],
      controllers: [DispatchConsumer],
    };
  }
}

function createGuard(config: Config, role: ProcessRole): TargetGuard {
  return new TargetGuard({
    privateTargets: config.httpPrivateTargets,
    allowHosts: config.httpAllowHosts ?? [],
    allowCidrs: config.httpAllowCidrs ?? [],
    ownAddresses: ownAddresses(config, role, process.env),
  });
}

function commandSettings(config: Config, role: ProcessRole): CommandSettings {
  return {
    allow: config.exeAllow ?? [],
    folder: config.exeDir,
    user: config.exeUser,
    tenants: commandTenants(config, role),
  };
}

function kubernetesSettings(config: Config, role: ProcessRole): KubernetesSettings {
  return {
    namespace: config.kubernetesNamespace,
    configFile: config.kubernetesConfig,
    serviceAccount: config.kubernetesServiceAccount,
    imagePullSecrets: config.kubernetesImagePullSecrets ?? [],
    tenants: commandTenants(config, role),
  };
}

/** Null: everyone. */
function commandTenants(config: Config, role: ProcessRole): readonly string[] | null {
  return isAuthEnabled(config, role) ? (config.exeTenants ?? []) : null;
}
