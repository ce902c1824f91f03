import { type LoggerService } from '@nestjs/common';
import { type Logger } from './logger.js';

type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/** What our own classes hand to Nest's logger: `logger.warn({ event: 'heartbeat.failed', msg: 'not written' })`. */
interface Happening {
  event: string;
  /** The sentence for people. */
  msg: string;
  [field: string]: unknown;
}

/**
 * Sends what is logged through Nest through ours. What is no {@link Happening} is Nest's own: of that `log` is start-up
 * chatter, which is debug here.
 */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.write(isHappening(message) ? 'info' : 'debug', message, rest);
  }
  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }
  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }
  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }
  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }
  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  /** Nest puts the name of the speaking class last, and the stack of an error, where there is one, before it. */
  private write(level: Level, message: unknown, rest: unknown[]): void {
    const context = rest.at(-1);
    const [first] = rest;
    const stack = rest.length > 1 && typeof first === 'string' ? { stack: first } : {};
    if (isHappening(message)) return this.logger[level]({ context, ...stack, ...message });
    const err = message instanceof Error ? { err: message } : {};
    this.logger[level]({ event: 'nest', context, ...stack, ...err }, textOf(message));
  }
}

const isHappening = (message: unknown): message is Happening =>
  typeof message === 'object' &&
  message !== null &&
  typeof (message as Partial<Happening>).event === 'string';

function textOf(message: unknown): string {
  if (message instanceof Error) return message.message;
  return typeof message === 'string' ? message : JSON.stringify(message);
}
