import { type Config, isAuthEnabled, listenAddress, loadConfig, type ProcessRole } from '@ecron/config';
import { createLogger, type Logger, NestLogger } from '@ecron/observability';
import { OperatorError, operatorText } from './operator-text.js';
import { openWhenThere } from './open-when-there.js';
import { type Platform } from './platform.js';
import { type RunningServices, type ServiceStart, startServices } from './services.js';
import { stopOnSignals } from './stop-on-signals.js';
import { VERSION } from './version.js';

export interface Program {
  readonly role: ProcessRole;
  /** In the order of their start. */
  readonly services: readonly ServiceStart[];
  /** SQLite: the compiled database thread. */
  readonly penProgram?: URL;
}

/** Runs a program until a signal ends it. What an operator can mend is one line on standard error and exit code 1. */
export function runProgram(program: Program): void {
  run(program).catch((error: unknown) => {
    process.stderr.write(`ecron: ${operatorText(error)}\n`);
    process.exit(1);
  });
}

async function run({ role, services, penProgram }: Program): Promise<void> {
  const config = loadConfig(process.env, process.cwd());
  if (role !== 'standalone' && config.dbType === 'sqlite') throw refuseSplit(role);
  const log = createLogger({ level: config.logLevel, name: 'ecron' });
  for (const notice of noticesOf(config, role)) log.warn({ event: 'config.notice' }, notice);
  const stopping = stopOnSignals(log, role);
  const platform = await openWhenThere(config, { role, log, penProgram });
  const running = await startServices(platform, role, services, new NestLogger(log));
  stopping.stopWith(() => running.stop());
  announce(log, role, platform, running);
}

function refuseSplit(role: ProcessRole): OperatorError {
  return new OperatorError(
    `${role} on its own needs a database server (db_addr); "npm start" runs both services in one process`,
  );
}

function noticesOf(config: Config, role: ProcessRole): string[] {
  const isAlone = role === 'standalone' || config.mqConnectorType !== 'memory';
  const polling =
    'NO BROKER IS CONFIGURED (mq_connector_type): services that run apart find work by polling only, up to a second or two late';
  return [...config.notices, ...(isAlone ? [] : [polling])];
}

function announce(log: Logger, role: ProcessRole, platform: Platform, { urls }: RunningServices): void {
  const { config, cutRuns, labels } = platform;
  if (role !== 'analysis' && !isAuthEnabled(config, role)) {
    log.warn(
      { event: 'auth.off', address: listenAddress(config, role) },
      'AUTHENTICATION IS OFF: whoever reaches this address is an admin',
    );
  }
  if (cutRuns > 0)
    log.warn({ event: `${role}.recovered`, cutRuns }, `${cutRuns} runs had been cut by a kill`);
  log.info(
    { event: `${role}.ready`, version: VERSION, ...labels, zone: config.timeZone, ...urls },
    `ECron runs on ${labels.database} and ${labels.transport}. ${whereTo(urls)} · stop with Ctrl-C`,
  );
}

function whereTo({ management, analysis }: RunningServices['urls']): string {
  const api = management && `API ${management}/api/ecron-management/v1 · Swagger UI ${management}/docs`;
  const health = [management, analysis].flatMap((url) => (url ? [`${url}/health/ready`] : []));
  return [...(api ? [api] : []), `health ${health.join(' and ')}`].join(' · ');
}
