import { AuthModule, type TokenServerOptions } from '@ecron/auth';
import { type Config, isAuthEnabled, type ProcessRole, tokenServerUrl } from '@ecron/config';
import {
  CALLBACK_ADDRESS,
  type CallbackAddress,
  COMMAND_SETTINGS,
  type CommandSettings,
  ExecutionModule,
  ExecutorRegistry,
  HTTP_EXECUTOR_OPTIONS,
  type HttpExecutorOptions,
  KUBERNETES_SETTINGS,
  type KubernetesSettings,
  OUTLET,
  PUBLISH_TOPICS,
  TargetGuard,
} from '@ecron/execution';
import { HealthModule } from '@ecron/health';
import { Doorbell } from '@ecron/jobs';
import { type NodeIdentity } from '@ecron/nodes';
import { type Tracing } from '@ecron/observability';
import { NOTIFICATION_SETTINGS, NotificationModule } from '@ecron/notification';
import { MetricsModule } from '@ecron/observability';
import { type Platform, PlatformModule, READINESS, VERSION } from '@ecron/platform';
import { type DynamicModule, Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { CALLBACK_KEYS, type CallbackKeys } from './callback/callback-keys.js';
import { DispatchConsumer } from './messaging/dispatch.consumer.js';
import { MessageDoorbell } from './messaging/message-doorbell.js';
import { commandLimiter } from './command-limiter.js';
import { deploymentTls } from './deployment-tls.js';
import { ExecutorModes } from './modes/executor-modes.js';
import { ownAddresses } from './own-addresses.js';
import { RestModule } from './rest.module.js';
import { notificationSettings } from './webhook/notification-settings.js';
import { type SignInSetup } from './sign-in/sign-in-setup.js';
import { sessionProviders, SignInModule } from './sign-in/sign-in.module.js';

@Module({})
class DoorbellModule {}

@Module({})
class ModesModule {}

@Module({})
class CallbackModule {}

@Module({})
class ReadinessModule {}

/** What a deployment may do without. */
export interface ManagementParts {
  /** Null: nobody needs one. */
  callbackKeys: CallbackKeys | null;
  /** Null: nobody signs in with a browser. */
  signIn: SignInSetup | null;
  /** Null: nothing is traced. */
  tracing: Tracing | null;
}

/** The management service: the REST API, and everything that runs. */
@Module({})
export class ManagementModule {
  static for(
    platform: Platform,
    node: NodeIdentity,
    role: ProcessRole,
    { callbackKeys, signIn, tracing }: ManagementParts,
  ): DynamicModule {
    const { config } = platform;
    const base = PlatformModule.for(platform, node, tracing);
    const guard = createGuard(config, role);
    const execution = ExecutionModule.with(
      [base],
      [
        { provide: CALLBACK_ADDRESS, useValue: callbackAddress(config, callbackKeys) },
        { provide: TargetGuard, useValue: guard },
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
        { provide: PUBLISH_TOPICS, useValue: config.publishTopics ?? [] },
      ],
    );
    const notification = NotificationModule.with(
      [base],
      [{ provide: NOTIFICATION_SETTINGS, useValue: notificationSettings(config, guard) }],
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
    const callback = {
      module: CallbackModule,
      providers: [{ provide: CALLBACK_KEYS, useValue: callbackKeys }],
      exports: [CALLBACK_KEYS],
    };
    const readiness = {
      module: ReadinessModule,
      imports: [base, execution],
      providers: READINESS,
      exports: READINESS,
    };
    const auth = isAuthEnabled(config, role)
      ? AuthModule.withTokenServer(tokenServerOptions(config), sessionProviders(signIn))
      : AuthModule.open();
    return {
      module: ManagementModule,
      imports: [
        ScheduleModule.forRoot(),
        auth,
        base,
        execution,
        notification,
        RestModule.register(config, [
          base,
          doorbell,
          modes,
          callback,
          notification,
          SignInModule.for(signIn, auth),
        ]),
        HealthModule.register(READINESS, [readiness]),
        MetricsModule.register(platform.metrics, config.metricsToken),
      ],
      controllers: [DispatchConsumer],
    };
  }
}

function callbackAddress({ webhook }: Config, keys: CallbackKeys | null): CallbackAddress {
  if (keys === null) return (executeId) => `${webhook}/${executeId}`;
  return (executeId) => `${webhook}/${executeId}?key=${keys.keyOf(executeId)}`;
}

function tokenServerOptions(config: Config): TokenServerOptions {
  return {
    url: tokenServerUrl(config),
    scopeClaim: config.authScopeClaim,
    requireScopes: config.requireScopes,
    cacheMs: config.authCacheS * 1000,
  };
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
    limiter: commandLimiter(config),
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
