import { type Config, isAuthEnabled, listenAddress, loadConfig, type ProcessRole } from '@ecron/config';
import { createLogger, type Logger, LogLevel, NestLogger, switchOnSignal } from '@ecron/observability';
import { OperatorError, operatorText } from './operator-text.js';
import { openWhenThere } from './open-when-there.js';
import { type Platform } from './platform.js';
import { resealSecrets } from './reseal-secrets.js';
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
  const logLevel = new LogLevel(log);
  switchOnSignal(logLevel);
  for (const notice of noticesOf(config, role)) log.warn({ event: 'config.notice' }, notice);
  const stopping = stopOnSignals(log, role);
  const platform = await openWhenThere(config, { role, log, logLevel, penProgram });
  platform.metrics.watchProcess();
  const running = await startServices(platform, role, services, new NestLogger(log));
  stopping.stopWith(() => running.stop());
  announce(log, role, platform, running);
  if (role !== 'analysis') void resealSecrets(platform, log);
}

function refuseSplit(role: ProcessRole): OperatorError {
  return new OperatorError(
    `${role} on its own needs a database server (db_addr); "npm start" runs both services in one process`,
  );
}

const NO_KEY =
  'NO KEY FOR SECRETS IS CONFIGURED (secret_key_file): jobs and webhooks with secrets are refused, what was stored before is in the clear';

/** Beside SQLite lies a key of its own; what runs nothing needs none. */
function lacksKey({ dbType, secretKey, secretKeyFile }: Config, role: ProcessRole): boolean {
  return role !== 'analysis' && dbType !== 'sqlite' && secretKey === null && secretKeyFile === null;
}

function noticesOf(config: Config, role: ProcessRole): string[] {
  const isAlone = role === 'standalone' || config.mqConnectorType !== 'memory';
  const polling =
    'NO BROKER IS CONFIGURED (mq_connector_type): services that run apart find work by polling only, up to a second or two late';
  return [...config.notices, ...(isAlone ? [] : [polling]), ...(lacksKey(config, role) ? [NO_KEY] : [])];
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
