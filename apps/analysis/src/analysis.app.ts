import { listenAddress, type ProcessRole } from '@ecron/config';
import { MemoryServer } from '@ecron/messaging';
import { listen, newNode, type Platform, type Service, ShutdownReadiness } from '@ecron/platform';
import { Scheduling } from '@ecron/scheduling';
import { type LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AnalysisModule } from './analysis.module.js';

/** Starts the analysis service on an open platform. @throws ListenError; the service is closed then */
export async function startAnalysis(
  platform: Platform,
  role: ProcessRole,
  logger: LoggerService,
): Promise<Service> {
  const { config, bus } = platform;
  const module = AnalysisModule.for(platform, newNode('analysis', 0));
  const app = await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter(), {
    logger,
    abortOnError: false,
  });
  app.connectMicroservice({ strategy: new MemoryServer(bus) });
  await app.startAllMicroservices();
  let stopping: Promise<void> | undefined;
  const stopOnce = (): Promise<void> => (stopping ??= stop(app));
  try {
    const url = await listen(
      app,
      listenAddress(config, role),
      config.anlysPort,
      'ECRON_ANLYS_PORT (anlys_port)',
    );
    await app.get(Scheduling, { strict: false }).start();
    return { url, stop: stopOnce };
  } catch (error) {
    await stopOnce();
    throw error;
  }
}

async function stop(app: NestFastifyApplication): Promise<void> {
  app.get(ShutdownReadiness, { strict: false }).isStopping = true;
  await app.get(Scheduling, { strict: false }).stop();
  await app.close();
}
