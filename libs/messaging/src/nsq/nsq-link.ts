import { Logger } from '@nestjs/common';
import { describeError } from '../dead-letter.js';
import { type HostPort, showAddress } from './nsq-settings.js';
import { type NsqConnection } from './nsqjs.js';

export interface LinkOptions<C extends NsqConnection> {
  address: HostPort;
  /** What the connection is for, as the log names it. */
  purpose: string;
  /** Called for each try; answers a connection that is not connected yet. */
  open: () => Promise<C>;
  onReady?: (connection: C) => void;
  /** Called when a connection that was ready is gone. */
  onLost?: () => void;
}

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 2000;

/** One connection to an nsqd that is made again, with growing pauses, as often as it breaks. */
export class NsqLink<C extends NsqConnection> {
  private readonly logger = new Logger('Nsq');
  private opened: C | null = null;
  private isReady = false;
  private isClosed = false;
  private failures = 0;
  private downSinceMs = performance.now();
  private retry: NodeJS.Timeout | undefined;

  constructor(private readonly options: LinkOptions<C>) {}

  /** The connection when it can be used just now. */
  get ready(): C | null {
    return this.isReady ? this.opened : null;
  }

  start(): void {
    void this.tryOnce();
  }

  fault(): string | null {
    if (this.isReady) return null;
    const downS = Math.round((performance.now() - this.downSinceMs) / 1000);
    return `nsqd ${showAddress(this.options.address)} not connected for ${downS} s`;
  }

  /** Breaks the connection off; it is then made again. */
  reset(): void {
    this.opened?.close();
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.retry);
    const connection = this.opened;
    // Before the turn after `connect` the library has no socket to close.
    if (connection?.conn === null) process.nextTick(() => connection.close());
    else connection?.close();
  }

  private async tryOnce(): Promise<void> {
    try {
      const connection = await this.options.open();
      if (!this.isClosed) this.connect(connection);
    } catch (error) {
      this.lost(error);
    }
  }

  private connect(connection: C): void {
    let reason: unknown = 'nsqd closed the connection';
    const note = (error: unknown) => (reason = error);
    // Both stay on for good: an `error` that nobody listens to ends the process.
    connection.on('error', note).on('connection_error', note);
    connection.on('ready', () => this.becameReady(connection));
    connection.on('closed', () => this.lost(reason));
    this.opened = connection;
    connection.connect();
  }

  private becameReady(connection: C): void {
    if (this.failures > 0)
      this.logger.log({ event: 'broker.connected', msg: `${this.name} is connected again` });
    this.isReady = true;
    this.failures = 0;
    this.options.onReady?.(connection);
  }

  private lost(reason: unknown): void {
    const wasReady = this.isReady;
    this.opened = null;
    this.isReady = false;
    if (wasReady) this.downSinceMs = performance.now();
    if (wasReady) this.options.onLost?.();
    if (!this.isClosed) this.tryLater(reason);
  }

  private tryLater(reason: unknown): void {
    if (this.failures === 0)
      this.logger.warn({
        event: 'broker.lost',
        msg: `${this.name} is not connected: ${describeError(reason)}`,
      });
    const pauseMs = Math.min(FIRST_RETRY_MS * 2 ** this.failures++, LAST_RETRY_MS);
    // Spread, so that many processes do not come back in the same moment.
    this.retry = setTimeout(() => void this.tryOnce(), pauseMs * (0.5 + Math.random() / 2)).unref();
  }

  private get name(): string {
    return `nsqd ${showAddress(this.options.address)} for ${this.options.purpose}`;
  }
}
