import { Logger } from '@nestjs/common';
import { type Admin } from 'kafkajs';
import { describeError } from '../dead-letter.js';
import { TOPICS } from '../topics.js';
import { type KafkaOptions } from './kafka-settings.js';
import { Lease } from './lease.js';
import { makeTopics } from './make-topics.js';
import { openKafka } from './open-kafka.js';
import { Waiters } from './waiters.js';
import { within } from './within.js';

const PROBE_EVERY_MS = 1000;
const PROBE_AGAIN_MS = 300;
/** A broker that takes longer to say who is in its cluster is as good as away. */
const PROBE_TIMEOUT_MS = 3000;
const MAKE_TOPICS_TIMEOUT_MS = 15_000;
const DISCARD_TIMEOUT_MS = 1000;

/**
 * Knows whether the cluster answers: asks it every second, more often while it does not. kafkajs itself tells nobody of
 * a connection that broke until somebody uses it.
 */
export class KafkaLink {
  private readonly logger = new Logger('Kafka');
  private state: 'idle' | 'unknown' | 'up' | 'down' | 'closed' = 'idle';
  private current: Lease<Admin> | null = null;
  private downSinceMs = 0;
  private readonly known = new Waiters();
  private readonly up = new Waiters();
  private readonly pauses = new Waiters();
  private readonly downListeners: (() => void)[] = [];
  private done: Promise<void> = Promise.resolve();

  constructor(private readonly options: KafkaOptions) {}

  /** Idempotent. */
  start(): void {
    if (this.state !== 'idle') return;
    this.state = 'unknown';
    this.downSinceMs = performance.now();
    this.done = this.watch();
  }

  get isUp(): boolean {
    return this.state === 'up';
  }

  /** @throws when the cluster does not answer just now */
  async ask<T>(question: (admin: Admin) => Promise<T>): Promise<T> {
    if (this.current === null || !this.isUp) throw new Error(this.fault() ?? 'kafka is not connected');
    return this.current.use(question);
  }

  fault(): string | null {
    if (this.state === 'idle' || this.state === 'up') return null;
    const downS = Math.round((performance.now() - this.downSinceMs) / 1000);
    return `kafka ${this.options.brokers.join(',')} not connected for ${downS} s`;
  }

  onDown(listener: () => void): void {
    this.downListeners.push(listener);
  }

  /** Resolves after the first probe, whatever it said, and when the link is closed. */
  async whenKnown(): Promise<void> {
    if (this.state === 'unknown') await this.known.wait();
  }

  /** Resolves when the cluster answers, and when the link is closed. */
  async whenUp(): Promise<void> {
    if (!this.isUp && this.state !== 'closed') await this.up.wait();
  }

  /** Something failed that may come of a lost connection: looks at once. */
  suspect(): void {
    this.pauses.wake();
  }

  async close(): Promise<void> {
    this.state = 'closed';
    for (const waiters of [this.known, this.up, this.pauses]) waiters.wake();
    await this.done;
    await this.discard();
  }

  private async watch(): Promise<void> {
    while (this.state !== 'closed') {
      const failure = await this.probe().then(
        () => null,
        (error: unknown) => ({ error }),
      );
      if (failure === null) this.nowUp();
      else this.nowDown(failure.error);
      await this.pause();
    }
  }

  private async pause(): Promise<void> {
    if (this.state === 'closed') return;
    await this.pauses.wait(this.isUp ? PROBE_EVERY_MS : PROBE_AGAIN_MS);
  }

  private async probe(): Promise<void> {
    if (this.current !== null && this.isUp)
      return this.probeWith(this.current, (admin) => this.lookAt(admin));
    const lease = new Lease((await openKafka(this.options)).admin());
    this.current = lease;
    await this.probeWith(lease, (admin) => admin.connect());
    await this.probeWith(lease, (admin) => admin.describeCluster());
    // Before anybody else is told: a consumer of a topic that is not there fails.
    const making = lease.use((admin) => makeTopics(admin, this.options));
    await within(MAKE_TOPICS_TIMEOUT_MS, making);
  }

  /** At one topic, if it is there: a large cluster has a lot to tell of all of them, each second. */
  private async lookAt(admin: Admin): Promise<void> {
    const topics = [this.options.prefix + TOPICS.execution];
    await admin.fetchTopicMetadata({ topics }).catch(() => admin.describeCluster());
  }

  private async probeWith(lease: Lease<Admin>, question: (admin: Admin) => Promise<unknown>): Promise<void> {
    await within(PROBE_TIMEOUT_MS, lease.use(question));
  }

  private nowUp(): void {
    if (this.isUp || this.state === 'closed') return;
    if (this.state === 'down')
      this.logger.log({
        event: 'broker.connected',
        msg: `kafka ${this.options.brokers.join(',')} is connected again`,
      });
    this.state = 'up';
    this.known.wake();
    this.up.wake();
  }

  private nowDown(error: unknown): void {
    void this.discard();
    if (this.state === 'down' || this.state === 'closed') return;
    if (this.state === 'up') this.downSinceMs = performance.now();
    this.state = 'down';
    this.logger.warn({
      event: 'broker.lost',
      msg: `kafka ${this.options.brokers.join(',')} is not connected: ${describeError(error)}`,
    });
    this.known.wake();
    for (const listener of this.downListeners) listener();
  }

  private async discard(): Promise<void> {
    const { current } = this;
    this.current = null;
    if (current !== null) await within(DISCARD_TIMEOUT_MS, current.end()).catch(() => undefined);
  }
}
