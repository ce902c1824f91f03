import { listenAddress, type ProcessRole } from '@ecron/config';
import { ExecutorRegistry, Runner } from '@ecron/execution';
import { MemoryServer } from '@ecron/messaging';
import { Heartbeat } from '@ecron/nodes';
import { listen, newNode, type Platform, type Service, ShutdownReadiness, VERSION } from '@ecron/platform';
import { type LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { serveApiDocs } from './http/open-api.js';
import { RestAdapter } from './http/rest-adapter.js';
import { ManagementModule } from './management.module.js';

/** Starts the management service on an open platform. @throws ListenError; the service is closed then */
export async function startManagement(
  platform: Platform,
  role: ProcessRole,
  logger: LoggerService,
): Promise<Service> {
  const { config, bus } = platform;
  const node = newNode('management', config.nodeConcurrency);
  const module = ManagementModule.for(platform, node, role);
  const app = await NestFactory.create<NestFastifyApplication>(module, new RestAdapter(), {
    logger,
    abortOnError: false,
  });
  serveApiDocs(app, VERSION);
  app.connectMicroservice({ strategy: new MemoryServer(bus) });
  await app.startAllMicroservices();
  let stopping: Promise<void> | undefined;
  const stopOnce = (): Promise<void> => (stopping ??= stop(app, config.shutdownGraceS * 1000));
  try {
    const url = await listen(
      app,
      listenAddress(config, role),
      config.cronPort,
      'ECRON_CRON_PORT (cron_port)',
    );
    return { url, stop: stopOnce };
  } catch (error) {
    await stopOnce();
    throw error;
  }
}

async function stop(app: NestFastifyApplication, graceMs: number): Promise<void> {
  app.get(ShutdownReadiness, { strict: false }).isStopping = true;
  await app.get(Runner, { strict: false }).stop(graceMs);
  await app.get(Heartbeat, { strict: false }).stop();
  await app.get(ExecutorRegistry, { strict: false }).close();
  await app.close();
}
