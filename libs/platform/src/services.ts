import { type ProcessRole } from '@ecron/config';
import { type NodeRole } from '@ecron/nodes';
import { type LoggerService } from '@nestjs/common';
import { type Platform } from './platform.js';
import { type Service } from './service.js';
import { stopInOrder } from './stop-in-order.js';

/** One of the two services, not started yet. */
export interface ServiceStart {
  readonly name: NodeRole;
  start: (platform: Platform, role: ProcessRole, logger: LoggerService) => Promise<Service>;
}

/** The services of one process, running. */
export interface RunningServices {
  /** Where each listens, without a trailing slash. */
  readonly urls: Partial<Record<NodeRole, string>>;
  /** Stops them, the last started first, and closes the platform. Idempotent. */
  stop(): Promise<void>;
}

/** Starts services on a platform, which is theirs from now on. @throws ListenError; nothing is left open then */
export async function startServices(
  platform: Platform,
  role: ProcessRole,
  starts: readonly ServiceStart[],
  logger: LoggerService,
): Promise<RunningServices> {
  const started: Service[] = [];
  const urls: Partial<Record<NodeRole, string>> = {};
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= stopAll(platform, started.toReversed(), logger));
  try {
    for (const { name, start } of starts) {
      const service = await start(platform, role, logger);
      started.push(service);
      urls[name] = service.url;
    }
    return { urls, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function stopAll(platform: Platform, services: readonly Service[], logger: LoggerService): Promise<void> {
  const steps = services.map((service) => ({
    name: service.url,
    stop: () => service.stop(),
    deadlineMs: Infinity,
  }));
  return stopInOrder([...steps, { name: 'the platform', stop: () => platform.close() }], logger);
}
