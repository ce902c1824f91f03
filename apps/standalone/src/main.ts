import 'reflect-metadata';
import { type Config, ConfigError, isAuthEnabled, listenAddress, loadConfig } from '@ecron/config';
import { createLogger, type Logger, NestLogger } from '@ecron/observability';
import { DataFolderError, NewerSchemaError } from '@ecron/persistence';
import { ListenError, VERSION } from '@ecron/platform';
import { type Standalone, startStandalone } from './standalone.js';

/** Relative to this file as compiled. */
const PEN_PROGRAM = new URL('../../../libs/persistence/src/sql/pen.worker.js', import.meta.url);
const FOR_THE_OPERATOR = [ConfigError, DataFolderError, NewerSchemaError, ListenError];

async function main(): Promise<void> {
  const config = loadConfig(process.env, process.cwd());
  const log = createLogger({ level: config.logLevel, name: 'ecron' });
  for (const notice of config.notices) log.warn({ event: 'config.notice' }, notice);
  const standalone = await startStandalone(config, new NestLogger(log), PEN_PROGRAM);
  announce(log, config, standalone);
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => void shutDown(log, standalone));
}

function announce(log: Logger, config: Config, { management, analysis, cutRuns }: Standalone): void {
  if (!isAuthEnabled(config, 'standalone')) {
    log.warn(
      { event: 'auth.off', address: listenAddress(config, 'standalone') },
      'AUTHENTICATION IS OFF: whoever reaches this address is an admin',
    );
  }
  if (cutRuns > 0)
    log.warn({ event: 'standalone.recovered', cutRuns }, `${cutRuns} runs had been cut by a kill`);
  log.info(
    {
      event: 'standalone.ready',
      version: VERSION,
      database: `sqlite in ${config.dataDir}`,
      transport: 'memory',
      zone: config.timeZone,
      management: management.url,
      analysis: analysis.url,
    },
    `ECron runs. API ${management.url}/api/ecron-management/v1 · Swagger UI ${management.url}/docs · ` +
      `health ${management.url}/health/ready and ${analysis.url}/health/ready · stop with Ctrl-C`,
  );
}

let isStopping = false;

/** A second signal does not wait. */
async function shutDown(log: Logger, standalone: Standalone): Promise<void> {
  if (isStopping) process.exit(1);
  isStopping = true;
  log.info({ event: 'standalone.stopping' }, 'stopping: running attempts may finish');
  await standalone.stop();
  log.info({ event: 'standalone.stopped' }, 'stopped');
  process.exit(0);
}

main().catch((error: unknown) => {
  const isExpected = FOR_THE_OPERATOR.some((kind) => error instanceof kind);
  const text = isExpected
    ? (error as Error).message
    : `cannot start: ${error instanceof Error ? error.stack : String(error)}`;
  process.stderr.write(`ecron: ${text}\n`);
  process.exit(1);
});
