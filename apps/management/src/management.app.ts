import { isAuthEnabled, listenAddress, type ProcessRole } from '@ecron/config';
import { ExecutorRegistry, Runner, TargetGuard } from '@ecron/execution';
import { Heartbeat } from '@ecron/nodes';
import {
  listen,
  newNode,
  type Platform,
  type Service,
  type ServiceStart,
  ShutdownReadiness,
  stopInOrder,
  VERSION,
} from '@ecron/platform';
import { type LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { serveApiDocs } from './http/open-api.js';
import { RestAdapter } from './http/rest-adapter.js';
import { ManagementModule } from './management.module.js';

/** What the stop has cut may take so long to end (a command 10 s) and to be recorded. */
const RECORD_MS = 15_000;

/** What has been taken from the queue is started or declined within this. */
const DECLINE_MS = 3_000;

/** The management service. It throws ListenError when it cannot listen, and is closed then. */
export const managementService: ServiceStart = { name: 'management', start: startManagement };

async function startManagement(
  platform: Platform,
  role: ProcessRole,
  logger: LoggerService,
): Promise<Service> {
  const { config, transport } = platform;
  const node = newNode('management', config.nodeConcurrency, config);
  const module = ManagementModule.for(platform, node, role);
  const adapter = new RestAdapter();
  const address = listenAddress(config, role);
  if (!isAuthEnabled(config, role)) adapter.refuseForeignPages(address);
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger,
    abortOnError: false,
  });
  serveApiDocs(app, VERSION);
  const consumer = transport.server();
  app.connectMicroservice({ strategy: consumer });
  // Whatever a message asks for must find everything in place.
  await app.init();
  await app.startAllMicroservices();
  let stopping: Promise<void> | undefined;
  const stopOnce = (): Promise<void> =>
    (stopping ??= stop(app, consumer, config.shutdownGraceS * 1000, logger));
  try {
    const url = await listen(app, address, config.cronPort, 'ECRON_CRON_PORT (cron_port)');
    // A configured 0 has become a port.
    protect(app.get(TargetGuard, { strict: false }), address, url);
    return { url, stop: stopOnce };
  } catch (error) {
    await stopOnce();
    throw error;
  }
}

function protect(guard: TargetGuard, host: string, url: string): void {
  guard.protect({ host, port: Number(new URL(url).port || 80), what: 'the management service' });
}

function stop(
  app: NestFastifyApplication,
  consumer: { close(): unknown },
  graceMs: number,
  logger: LoggerService,
): Promise<void> {
  const runner = app.get(Runner, { strict: false });
  app.get(ShutdownReadiness, { strict: false }).isStopping = true;
  return stopInOrder(
    [
      // Else what is sent here during the grace would be declined, and wait for a second.
      { name: 'consumer', stop: () => consumer.close(), deadlineMs: DECLINE_MS },
      // What has been aborted still has to be written.
      { name: 'runs', stop: () => runner.stop(graceMs), deadlineMs: graceMs + RECORD_MS },
      { name: 'heartbeat', stop: () => app.get(Heartbeat, { strict: false }).stop() },
      { name: 'executors', stop: () => app.get(ExecutorRegistry, { strict: false }).close() },
      { name: 'management', stop: () => app.close() },
    ],
    logger,
  );
}
