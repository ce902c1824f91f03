import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';

export type { Logger };

const SECRET_NAMES = ['authorization', 'token', 'secret', 'password', 'user_pwd'];

/** Members of these names, at the top of a line or up to two levels below, are written as `[Redacted]`. */
const REDACTED = ['', '*.', '*.*.'].flatMap((depth) => SECRET_NAMES.map((name) => depth + name));

export interface LoggerOptions {
  level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
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
    redact: REDACTED,
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
