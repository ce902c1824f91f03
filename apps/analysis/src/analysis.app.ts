import { listenAddress, type ProcessRole } from '@ecron/config';
import { StartupState } from '@ecron/health';
import {
  listen,
  newNode,
  openNodeTracing,
  type Platform,
  type Service,
  type ServiceStart,
  ShutdownReadiness,
  stopInOrder,
} from '@ecron/platform';
import { Scheduling } from '@ecron/scheduling';
import { type LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AnalysisModule } from './analysis.module.js';

/** What has been taken from the queue is done within this. */
const CONSUMED_MS = 3_000;

/** The analysis service. It throws ListenError when it cannot listen, and is closed then. */
export const analysisService: ServiceStart = { name: 'analysis', start: startAnalysis };

async function startAnalysis(platform: Platform, role: ProcessRole, logger: LoggerService): Promise<Service> {
  const { config, transport } = platform;
  const node = newNode('analysis', 0, config);
  const module = AnalysisModule.for(platform, node, await openNodeTracing(config, node));
  const app = await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter(), {
    logger,
    abortOnError: false,
  });
  const consumer = transport.server();
  app.connectMicroservice({ strategy: consumer });
  // Whatever a message asks for must find everything in place.
  await app.init();
  await app.startAllMicroservices();
  let stopping: Promise<void> | undefined;
  const stopOnce = (): Promise<void> => (stopping ??= stop(app, consumer, logger));
  try {
    const url = await listen(
      app,
      listenAddress(config, role),
      config.anlysPort,
      'ECRON_ANLYS_PORT (anlys_port)',
    );
    await app.get(Scheduling, { strict: false }).start();
    app.get(StartupState, { strict: false }).hasStarted = true;
    return { url, stop: stopOnce };
  } catch (error) {
    await stopOnce();
    throw error;
  }
}

function stop(
  app: NestFastifyApplication,
  consumer: { close(): unknown },
  logger: LoggerService,
): Promise<void> {
  app.get(ShutdownReadiness, { strict: false }).isStopping = true;
  return stopInOrder(
    [
      // Requests and doorbells go to the others from now on.
      { name: 'consumer', stop: () => consumer.close(), deadlineMs: CONSUMED_MS },
      { name: 'scheduling', stop: () => app.get(Scheduling, { strict: false }).stop() },
      { name: 'analysis', stop: () => app.close() },
    ],
    logger,
  );
}
