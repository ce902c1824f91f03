import { setTimeout as pause } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { type Batch, type KafkaMessage } from 'kafkajs';
import { describeError } from '../dead-letter.js';
import { type Deliverer } from './deliverer.js';
import { findStarts } from './find-starts.js';
import { GroupOffsets } from './group-offsets.js';
import { type KafkaLink } from './kafka-link.js';
import { type KafkaOptions } from './kafka-settings.js';
import { type OffsetTracker, type TrackedMessage } from './offset-tracker.js';
import { HEARTBEAT_MS, leaveFor, openConsumer, type OpenedConsumer } from './open-consumer.js';
import { type Places } from './places.js';
import { within } from './within.js';

export interface SessionOptions {
  kafka: KafkaOptions;
  link: KafkaLink;
  /** Real names, prefix and all. */
  topic: string;
  group: string;
  /** Where a group begins that has never committed anything on the topic. */
  beginsAt: 'first message' | 'next message';
  deliverer: Deliverer;
  places: Places;
  /** The member that the session before was, when that broke. */
  formerMemberId: string | null;
  onJoined: () => void;
  /** The session broke; a new one has to be made. Called once at most. */
  onBroken: (reason: unknown) => void;
}

/** A member that has shown no sign of life for so long, with the broker there, is stuck inside kafkajs. */
const STALL_MS = 30_000;
/** At a stop; a message that is done and not committed is repeated elsewhere. */
const COMMIT_TIMEOUT_MS = 1000;
const DISCONNECT_TIMEOUT_MS = 1000;
/** Partitions that were made just now have no leader for a moment. */
const PIN_TRIES = 20;
const PIN_PAUSE_MS = 100;

/**
 * One membership in a consumer group, from joining to its end; rebalances are inside it. Takes messages faster than they
 * are done, up to a bound, and commits up to the first that is not.
 */
export class GroupSession {
  private readonly logger = new Logger('Kafka');
  private opened: (OpenedConsumer & { offsets: GroupOffsets }) | null = null;
  private opening: Promise<void> = Promise.resolve();
  private state: 'open' | 'stopping' | 'ended' = 'open';
  private joins = 0;
  private watchdog: NodeJS.Timeout | undefined;
  private lastSignMs = performance.now();
  /** As the group knows this process, if it does. */
  memberId: string | null;

  constructor(private readonly options: SessionOptions) {
    this.memberId = options.formerMemberId;
  }

  start(): void {
    this.opening = this.open().catch((error: unknown) => this.break(error));
    this.watchdog = setInterval(() => this.checkLife(), 1000).unref();
  }

  /** Takes nothing more, waits for the handlers at work, commits and leaves the group. */
  async stop(): Promise<void> {
    if (this.state !== 'open') return;
    this.state = 'stopping';
    this.pauseFetching();
    this.options.places.interrupt();
    await this.options.places.whenAllFree();
    if (this.opened !== null) await orGiveUp(COMMIT_TIMEOUT_MS, this.opened.offsets.commit());
    this.end();
    await orGiveUp(DISCONNECT_TIMEOUT_MS, this.leave());
  }

  private async open(): Promise<void> {
    const { kafka, topic, group, beginsAt } = this.options;
    const opened = await openConsumer(kafka, group);
    const { consumer } = opened;
    this.opened = { ...opened, offsets: new GroupOffsets(topic, consumer) };
    this.listen(this.opened);
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: beginsAt === 'first message' });
    await this.leaveForFormer();
    await consumer.run({
      autoCommit: false,
      partitionsConsumedConcurrently: 16,
      eachBatch: (payload) => this.take(payload.batch, () => payload.heartbeat()),
    });
  }

  private listen({
    consumer,
    offsets,
  }: {
    consumer: OpenedConsumer['consumer'];
    offsets: GroupOffsets;
  }): void {
    consumer.on('consumer.crash', ({ payload }) => this.break(payload.error));
    consumer.on('consumer.heartbeat', () => this.showLife());
    consumer.on('consumer.rebalancing', () => void offsets.commit());
    consumer.on('consumer.group_join', ({ payload }) => {
      this.memberId = payload.memberId;
      this.joined(payload.memberAssignment[this.options.topic] ?? []);
    });
  }

  private async leaveForFormer(): Promise<void> {
    const { group, formerMemberId } = this.options;
    const cluster = this.opened?.cluster() ?? null;
    if (formerMemberId === null || cluster === null) return;
    await leaveFor(cluster, group, formerMemberId);
    this.memberId = null;
  }

  private joined(partitions: number[]): void {
    const { group, topic } = this.options;
    this.showLife();
    this.opened?.offsets.keepOnly(partitions);
    this.joins++;
    this.logger.debug({
      event: 'broker.group_assigned',
      topic,
      msg: `member of ${group} with partitions ${partitions.join(', ') || 'none'} of ${topic}`,
    });
    void this.pinStart(partitions, this.joins);
  }

  /**
   * A group that begins at the next message commits where that is. Else whoever gets a partition later, before anything
   * of it was committed, would begin after what was published meanwhile.
   */
  private async pinStart(partitions: number[], join: number): Promise<void> {
    for (let tries = 1; tries <= PIN_TRIES && !(await this.tryToPin(partitions)); tries++) {
      await pause(PIN_PAUSE_MS);
      if (this.joins !== join || this.state !== 'open') return;
    }
    this.options.onJoined();
  }

  private async tryToPin(partitions: number[]): Promise<boolean> {
    const { opened } = this;
    const { link, topic, group, beginsAt } = this.options;
    if (opened === null || beginsAt === 'first message' || partitions.length === 0) return true;
    try {
      const starts = await link.ask((admin) => findStarts(admin, { topic, group, partitions }));
      const open = starts.filter(({ partition }) => !opened.offsets.has(partition));
      for (const start of open) opened.consumer.seek(start);
      if (open.length > 0) await opened.consumer.commitOffsets(open);
      return true;
    } catch (error) {
      this.logger.debug({
        event: 'broker.start_not_committed',
        msg: `the start of ${group} is not committed: ${describeError(error)}`,
      });
      return false;
    }
  }

  private async take(batch: Batch, heartbeat: () => Promise<void>): Promise<void> {
    const tracker = this.opened?.offsets.trackerOf(batch);
    for (const message of batch.messages) {
      // kafkajs moves on after a no; what has not begun is not committed, so the next owner gets it.
      if (tracker === undefined || !(await this.reserve(heartbeat))) return;
      const entry = tracker.begin(Number(message.offset));
      if (entry === null) this.options.places.release();
      else void this.handle(tracker, entry, message);
    }
  }

  /**
   * Waits for a place among those in flight; false when none is given any more. Heartbeats meanwhile: a rebalance ends
   * the wait by the rejection of one.
   */
  private async reserve(heartbeat: () => Promise<void>): Promise<boolean> {
    const { places } = this.options;
    while (this.state === 'open' && !places.take()) {
      await places.whenChanged(HEARTBEAT_MS);
      await heartbeat();
    }
    return this.state === 'open';
  }

  private async handle(tracker: OffsetTracker, entry: TrackedMessage, message: KafkaMessage): Promise<void> {
    const fate = await this.options.deliverer.deliver(message.value?.toString() ?? '');
    if (fate === 'done') tracker.finish(entry);
    this.options.places.release();
    this.opened?.offsets.commitSoon();
  }

  private pauseFetching(): void {
    try {
      this.opened?.consumer.pause([{ topic: this.options.topic }]);
    } catch {
      // It fetches nothing yet.
    }
  }

  private showLife(): void {
    this.lastSignMs = performance.now();
  }

  private checkLife(): void {
    if (!this.options.link.isUp) return this.showLife();
    if (performance.now() - this.lastSignMs > STALL_MS) this.break(new Error('no sign of life'));
  }

  private break(reason: unknown): void {
    const wasOpen = this.state === 'open';
    this.end();
    if (!wasOpen) return;
    void this.leave().catch(() => undefined);
    this.options.onBroken(reason);
  }

  private end(): void {
    this.state = 'ended';
    clearInterval(this.watchdog);
    this.opened?.offsets.end();
    this.options.places.interrupt();
  }

  /** kafkajs would go on alone if it were left while it joins or commits. */
  private async leave(): Promise<void> {
    await this.opening;
    await this.opened?.offsets.settled();
    await this.opened?.consumer.disconnect();
  }
}

async function orGiveUp(limitMs: number, work: Promise<void>): Promise<void> {
  await within(limitMs, work).catch(() => undefined);
}
