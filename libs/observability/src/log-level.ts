import { type Logger } from 'pino';

/** From much to nothing. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevelName = (typeof LOG_LEVELS)[number];

const SIGNAL = 'SIGUSR2';

/** The least severe lines that a process writes; may change while it runs. */
export class LogLevel {
  private readonly configured: LogLevelName;

  constructor(private readonly log: Logger) {
    this.configured = log.level as LogLevelName;
  }

  get current(): LogLevelName {
    return this.log.level as LogLevelName;
  }

  /** @param by who wants it, for the line that says so; that one is written whatever the level. */
  set(level: LogLevelName, by: Readonly<Record<string, string>>): void {
    const before = this.current;
    this.log.level = 'info';
    this.log.info({ event: 'log.level_changed', before, after: level, ...by }, `the log level is ${level}`);
    this.log.level = level;
  }

  /** To debug, and back to what is configured. */
  toggle(by: Readonly<Record<string, string>>): void {
    this.set(this.current === 'debug' ? this.configured : 'debug', by);
  }
}

/** SIGUSR2 turns debug on, and off again. Not on Windows, which has no such signal. */
export function switchOnSignal(level: LogLevel): void {
  if (process.platform !== 'win32') process.on(SIGNAL, () => level.toggle({ by: SIGNAL }));
}
