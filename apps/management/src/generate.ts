import 'reflect-metadata';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONFIG, configReference, loadConfig } from '@ecron/config';
import { Clock } from '@ecron/domain';
import { HealthModule } from '@ecron/health';
import { Doorbell, ExecutionStore, JobStore, LedgerStore } from '@ecron/jobs';
import { VERSION } from '@ecron/platform';
import { type INestApplication, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { describeApi } from './http/open-api.js';
import { RestAdapter } from './http/rest-adapter.js';
import { RestModule } from './rest.module.js';

// The defaults alone: what is generated must not depend on who generates it.
const config = loadConfig({ TZ: 'UTC', ECRON_DB_TYPE: 'sqlite' }, join(process.cwd(), 'docs'));
const UNUSED = [Clock, Doorbell, ExecutionStore, JobStore, LedgerStore];

/** In place of what the API stands on: nothing of it is called to describe the routes. */
@Module({
  providers: [
    { provide: CONFIG, useValue: config },
    ...UNUSED.map((token) => ({ provide: token, useValue: {} })),
  ],
  exports: [CONFIG, ...UNUSED],
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
  const documents = { 'docs/openapi.json': await openApiText(), 'docs/configuration.md': configReference() };
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
