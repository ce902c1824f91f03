import { setTimeout as sleep } from 'node:timers/promises';
import { type Config, listenAddress, type ProcessRole } from '@ecron/config';
import { type Logger, type LogLevel } from '@ecron/observability';
import { awayReason } from './away-reason.js';
import { openPlatform, type Platform } from './platform.js';
import { type ServerTls, serverTls } from './server-tls.js';
import { WaitingRoom } from './waiting-room.js';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;
/** An opening that takes longer brings a large schema up to date, adopts data, or waits for who does so. */
const SHORT_MS = 1_000;

export interface OpenOptions {
  role: ProcessRole;
  log: Logger;
  logLevel: LogLevel;
  penProgram?: URL | undefined;
}

/**
 * Opens the platform. While the database server cannot be reached it is tried again, for ever; health is answered
 * meanwhile. What waiting cannot mend (a wrong password, an unknown database) is thrown.
 */
export async function openWhenThere(config: Config, options: OpenOptions): Promise<Platform> {
  let room: Promise<WaitingRoom> | undefined;
  let reason = 'database: being opened';
  const tls = serverTls(config, options.role);
  const wait = (): void => void (room ??= openRoom(config, options.role, () => reason, tls));
  const timer = setTimeout(wait, SHORT_MS);
  try {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      const opened = await openOrReason(config, options);
      if (typeof opened !== 'string') return opened;
      reason = `database: away, ${opened}`;
      wait();
      options.log.warn(
        { event: 'database.away', reason: opened },
        `the database is away (${opened}); tried again`,
      );
      await sleep(pauseMs);
    }
  } finally {
    clearTimeout(timer);
    await (await room)?.close();
  }
}

async function openOrReason(
  config: Config,
  { penProgram, log, logLevel }: OpenOptions,
): Promise<Platform | string> {
  const adoption = {
    info: (text: string) => log.info({ event: 'adoption' }, text),
    warn: (text: string) => log.warn({ event: 'adoption' }, text),
  };
  try {
    return await openPlatform(config, { penProgram, log: adoption, logLevel });
  } catch (error) {
    const reason = awayReason(error);
    if (config.dbType === 'sqlite' || reason === null) throw error;
    return reason;
  }
}

function openRoom(
  config: Config,
  role: ProcessRole,
  reason: () => string,
  tls: ServerTls | null,
): Promise<WaitingRoom> {
  const port = role === 'analysis' ? config.anlysPort : config.cronPort;
  return WaitingRoom.open(listenAddress(config, role), port, reason, tls);
}
