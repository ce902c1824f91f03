import { Logger } from '@nestjs/common';
import { describeError, MalformedMessageError, parseMessage, writeDeadLetter } from '../dead-letter.js';
import { DEAD_LETTER_TOPIC, TOPICS } from '../topics.js';
import { type NsqDelivery, type NsqVerdict } from './nsq-delivery.js';
import { NsqIntake } from './nsq-intake.js';
import { lookUp } from './nsq-http.js';
import { type HostPort, type NsqConfig, showAddress } from './nsq-settings.js';
import { type NsqWriter } from './nsq-writer.js';
import { type NsqdAdmin } from './nsqd-admin.js';
import { openReader } from './nsqjs.js';

export interface NsqParts {
  config: NsqConfig;
  admin: NsqdAdmin;
  writer: NsqWriter;
}

export interface SubscriptionOptions {
  topic: string;
  channel: string;
  /** Its rejection makes nsqd hand the message out again. */
  handle: (message: object) => Promise<void>;
}

/** A message that failed is handed out this many times more, after these pauses. */
const REDELIVER_AFTER_MS = [100, 400, 1600] as const;
const MOST_IN_FLIGHT: Partial<Record<string, number>> = { [TOPICS.execution]: 16 };
/** When a dead letter cannot be published either. */
const LETTER_AGAIN_MS = 5000;

/**
 * What one topic's handler gets, from the configured nsqd and from those that nsqlookupd names. A message that fails is
 * handed out three times more, then becomes a dead letter; one that is no JSON object becomes one at once.
 */
export class NsqSubscription {
  private readonly logger = new Logger('Nsq');
  private readonly own: NsqIntake;
  /** By address. */
  private readonly found = new Map<string, NsqIntake>();
  private polling: NodeJS.Timeout | undefined;
  private isClosed = false;

  constructor(
    private readonly parts: NsqParts,
    private readonly options: SubscriptionOptions,
  ) {
    this.own = this.makeIntake(parts.config.nsqd, () => parts.admin.prepare(options.topic, options.channel));
  }

  start(): void {
    this.own.start();
    if (this.parts.config.lookupdHttp.length > 0) void this.poll();
  }

  /** Of the configured nsqd only: nsqlookupd may go on naming others that are long gone. */
  fault(): string | null {
    return this.own.fault();
  }

  /** Resolves when the handlers at work have ended. */
  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.polling);
    await Promise.all([this.own, ...this.found.values()].map((intake) => intake.close()));
  }

  private makeIntake(address: HostPort, prepare: () => Promise<void>): NsqIntake {
    const { config } = this.parts;
    return new NsqIntake({
      address,
      purpose: this.options.topic,
      inFlight: Math.min(config.maxInFlight, MOST_IN_FLIGHT[this.options.topic] ?? Infinity),
      open: async () => {
        await prepare();
        return openReader(address, this.options, config);
      },
      work: (delivery) => this.work(delivery),
    });
  }

  private async work(delivery: NsqDelivery): Promise<NsqVerdict> {
    const text = delivery.body.toString();
    try {
      await this.options.handle(parseMessage(text));
      return 'finish';
    } catch (error) {
      const requeueMs = REDELIVER_AFTER_MS[delivery.attempts - 1];
      const isHopeless = requeueMs === undefined || error instanceof MalformedMessageError;
      return isHopeless ? this.giveUp(text, error) : { requeueMs };
    }
  }

  private async giveUp(text: string, error: unknown): Promise<NsqVerdict> {
    const { topic, channel } = this.options;
    const letter = writeDeadLetter({ topic, channel }, text, error, new Date());
    try {
      await this.parts.writer.publish(DEAD_LETTER_TOPIC, [JSON.stringify(letter)]);
    } catch {
      return { requeueMs: LETTER_AGAIN_MS };
    }
    const size = `${Buffer.byteLength(text)} bytes`;
    this.logger.error({
      event: 'message.given_up',
      topic,
      msg: `gave up a message of ${size} on ${topic} for ${channel}: ${describeError(error)}`,
    });
    return 'finish';
  }

  private async poll(): Promise<void> {
    await this.discover();
    if (this.isClosed) return;
    const { lookupPollMs } = this.parts.config;
    this.polling = setTimeout(() => void this.poll(), lookupPollMs * (0.75 + Math.random() / 2)).unref();
  }

  private async discover(): Promise<void> {
    const { config, admin } = this.parts;
    const answers = await Promise.all(config.lookupdHttp.map((http) => lookUp(http, this.options.topic)));
    const announced = await admin.announcedAddress();
    const own = [config.nsqd, ...(announced === null ? [] : [announced])].map(showAddress);
    const others = answers
      .flatMap((addresses) => addresses ?? [])
      .filter((address) => !own.includes(showAddress(address)));
    if (this.isClosed) return;
    for (const address of others) this.addIntake(address);
    // While one of them is silent, what it would have named may well be there.
    if (!answers.includes(null)) this.dropOthers(new Set(others.map(showAddress)));
  }

  private addIntake(address: HostPort): void {
    const key = showAddress(address);
    if (this.found.has(key)) return;
    // Subscribing makes the topic and the channel there.
    const intake = this.makeIntake(address, async () => undefined);
    this.found.set(key, intake);
    intake.start();
  }

  private dropOthers(named: ReadonlySet<string>): void {
    for (const [key, intake] of this.found) {
      if (named.has(key) || intake.isConnected) continue;
      this.found.delete(key);
      void intake.close();
    }
  }
}
