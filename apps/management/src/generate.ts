import 'reflect-metadata';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Authenticator } from '@ecron/auth';
import { CONFIG, configReference, configSample, configSchema, loadConfig } from '@ecron/config';
import { Clock, POLICY_DEFAULTS } from '@ecron/domain';
import { declarationsOf, EXECUTORS, OutputStore } from '@ecron/execution';
import { HealthModule } from '@ecron/health';
import { AuditStore, Doorbell, ExecutionStore, JobStore, LedgerStore, Sealer } from '@ecron/jobs';
import { NodeClock, NodeIdentity, NodeStore } from '@ecron/nodes';
import { LogLevel, Metrics, MetricsModule, metricsReference } from '@ecron/observability';
import { DeliveryLogService, WebhookSecretService, WebhookTestService } from '@ecron/notification';
import { policyDefaults, VERSION } from '@ecron/platform';
import { type INestApplication, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CALLBACK_KEYS } from './callback/callback-keys.js';
import { describeApi } from './http/open-api.js';
import { RestAdapter } from './http/rest-adapter.js';
import { withModeList } from './modes/describe-modes.js';
import { ExecutorModes } from './modes/executor-modes.js';
import { RestModule } from './rest.module.js';
import { SignInGate } from './sign-in/sign-in.gate.js';

// The defaults alone: what is generated must not depend on who generates it.
const config = loadConfig({ TZ: 'UTC' }, join(process.cwd(), 'docs'));
const declarations = EXECUTORS.flatMap(declarationsOf);
const modes = new ExecutorModes({ declarations, find: () => undefined });
const UNUSED = [
  AuditStore,
  Sealer,
  Authenticator,
  Clock,
  Doorbell,
  ExecutionStore,
  JobStore,
  LedgerStore,
  LogLevel,
  NodeClock,
  NodeIdentity,
  NodeStore,
  OutputStore,
  DeliveryLogService,
  WebhookTestService,
  WebhookSecretService,
];

/** In place of what the API stands on: nothing of it is called to describe the routes. */
@Module({
  providers: [
    { provide: CONFIG, useValue: config },
    { provide: POLICY_DEFAULTS, useValue: policyDefaults(config, null) },
    { provide: ExecutorModes, useValue: modes },
    { provide: CALLBACK_KEYS, useValue: null },
    { provide: SignInGate, useValue: new SignInGate(null) },
    ...UNUSED.map((token) => ({ provide: token, useValue: {} })),
  ],
  exports: [CONFIG, POLICY_DEFAULTS, ExecutorModes, CALLBACK_KEYS, SignInGate, ...UNUSED],
})
class NothingModule {}

@Module({
  imports: [
    RestModule.register(config, [NothingModule]),
    HealthModule.register([]),
    MetricsModule.register(new Metrics(VERSION), null),
  ],
})
class DescribedModule {}

async function openApiText(): Promise<string> {
  const app: INestApplication = await NestFactory.create(DescribedModule, new RestAdapter(), {
    logger: false,
  });
  const text = JSON.stringify(describeApi(app, VERSION), null, 2);
  await app.close();
  return `${text}\n`;
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** The chart's own values are described by hand, its `config` by the schema of the configuration. */
function chartSchema(): string {
  const schema = JSON.parse(readFileSync('helm/values.schema.source.json', 'utf8')) as {
    properties: { config: object };
  };
  const { properties } = schema;
  const config = { ...properties.config, ...configSchema() };
  return `${JSON.stringify({ ...schema, properties: { ...properties, config } }, null, 2)}\n`;
}

/** Writes the generated documents; with `--check` only says which are not what they should be. */
async function main(): Promise<void> {
  const documents = {
    'docs/openapi.json': await openApiText(),
    'docs/configuration.md': configReference(),
    'docs/executors.md': withModeList(readOrEmpty('docs/executors.md'), modes.declarations),
    'docs/metrics.md': await metricsReference(),
    'cronsvr.yaml': configSample(),
    'helm/ecron/values.schema.json': chartSchema(),
  };
  const stale = Object.entries(documents).filter(([path, text]) => readOrEmpty(path) !== text);
  if (!process.argv.includes('--check')) {
    for (const [path, text] of stale) writeFileSync(path, text);
    return;
  }
  for (const [path] of stale) process.stderr.write(`${path} is stale: run "npm run generate"\n`);
  if (stale.length > 0) process.exitCode = 1;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
