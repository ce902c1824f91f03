import { Logger } from '@nestjs/common';
import { describeError } from '../dead-letter.js';
import { GroupSession, type SessionOptions } from './group-session.js';
import { Places } from './places.js';
import { Waiters } from './waiters.js';

const FIRST_PAUSE_MS = 200;
const LAST_PAUSE_MS = 5000;

/** Keeps one topic being consumed for one group: whenever a session ends, another is made. */
export class TopicConsumer {
  private readonly logger = new Logger('Kafka');
  private session: GroupSession | null = null;
  private isClosed = false;
  private isJoined = false;
  private failures = 0;
  private leftAtMs = performance.now();
  private readonly joins = new Waiters();
  private readonly pauses = new Waiters();
  private readonly places: Places;

  constructor(
    private readonly options: Omit<SessionOptions, 'places' | 'formerMemberId' | 'onJoined' | 'onBroken'>,
  ) {
    this.places = new Places(options.kafka.maxInFlight);
  }

  /** Returns at once, whether or not the broker is there. */
  start(): void {
    void this.open();
  }

  fault(): string | null {
    if (this.isJoined || this.isClosed) return null;
    const awayS = Math.round((performance.now() - this.leftAtMs) / 1000);
    return `kafka group ${this.options.group} not joined for ${awayS} s`;
  }

  /** Resolves when messages are being taken for the first time, and at the close. */
  async whenJoined(): Promise<void> {
    if (!this.isJoined && !this.isClosed) await this.joins.wait();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.pauses.wake();
    this.options.deliverer.stop();
    await this.session?.stop();
    await this.places.whenAllFree();
    this.joins.wake();
  }

  private async open(): Promise<void> {
    await this.options.link.whenUp();
    if (this.isClosed) return;
    this.session = new GroupSession({
      ...this.options,
      places: this.places,
      formerMemberId: this.session?.memberId ?? null,
      onJoined: () => this.joined(),
      onBroken: (reason) => void this.again(reason),
    });
    this.session.start();
  }

  private joined(): void {
    if (this.failures > 0)
      this.logger.log({ event: 'broker.group_joined', msg: `${this.options.group} is joined again` });
    this.failures = 0;
    this.isJoined = true;
    this.joins.wake();
  }

  private async again(reason: unknown): Promise<void> {
    if (this.isJoined) this.leftAtMs = performance.now();
    this.isJoined = false;
    this.options.link.suspect();
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** this.failures, LAST_PAUSE_MS);
    if (this.failures++ === 0)
      this.logger.warn({
        event: 'broker.group_not_joined',
        msg: `${this.options.group} is not joined: ${describeError(reason)}`,
      });
    await this.pauses.wait(pauseMs);
    if (!this.isClosed) await this.open();
  }
}
