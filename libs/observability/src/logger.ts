import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';
import { type LogLevelName } from './log-level.js';
import { redactText, SECRET_PATHS } from './redaction.js';

export type { Logger };

export interface LoggerOptions {
  level: LogLevelName;
  /** The program: standalone, management, analysis. */
  name: string;
  /** Where lines go; left out: standard output. */
  destination?: DestinationStream;
}

/**
 * One JSON object a line. Every line names what happened before it explains:
 * `log.info({ event: 'claim.done', jobs: 12 }, 'claimed due jobs')`.
 */
export function createLogger({ level, name, destination }: LoggerOptions): Logger {
  const options = {
    level,
    base: { name, pid: process.pid },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: SECRET_PATHS,
    hooks: { streamWrite: redactText },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
