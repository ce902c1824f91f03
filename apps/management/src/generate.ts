import 'reflect-metadata';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONFIG, configReference, configSample, loadConfig } from '@ecron/config';
import { Clock, POLICY_DEFAULTS } from '@ecron/domain';
import { declarationsOf, EXECUTORS, OutputStore } from '@ecron/execution';
import { HealthModule } from '@ecron/health';
import { Doorbell, ExecutionStore, JobStore, LedgerStore } from '@ecron/jobs';
import { NodeClock, NodeStore } from '@ecron/nodes';
import { policyDefaults, VERSION } from '@ecron/platform';
import { type INestApplication, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { describeApi } from './http/open-api.js';
import { RestAdapter } from './http/rest-adapter.js';
import { withModeList } from './modes/describe-modes.js';
import { ExecutorModes } from './modes/executor-modes.js';
import { RestModule } from './rest.module.js';

// The defaults alone: what is generated must not depend on who generates it.
const config = loadConfig({ TZ: 'UTC' }, join(process.cwd(), 'docs'));
const declarations = EXECUTORS.flatMap(declarationsOf);
const modes = new ExecutorModes({ declarations, find: () => undefined });
const UNUSED = [Clock, Doorbell, ExecutionStore, JobStore, LedgerStore, NodeClock, NodeStore, OutputStore];

/** In place of what the API stands on: nothing of it is called to describe the routes. */
@Module({
  providers: [
    { provide: CONFIG, useValue: config },
    { provide: POLICY_DEFAULTS, useValue: policyDefaults(config, null) },
    { provide: ExecutorModes, useValue: modes },
    ...UNUSED.map((token) => ({ provide: token, useValue: {} })),
  ],
  exports: [CONFIG, POLICY_DEFAULTS, ExecutorModes, ...UNUSED],
})
class NothingModule {}

@Module({ imports: [RestModule.register(config, [NothingModule]), HealthModule.register([])] })
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

/** Writes the generated documents; with `--check` only says which are not what they should be. */
async function main(): Promise<void> {
  const documents = {
    'docs/openapi.json': await openApiText(),
    'docs/configuration.md': configReference(),
    'docs/executors.md': withModeList(readOrEmpty('docs/executors.md'), modes.declarations),
    'cronsvr.yaml': configSample(),
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
