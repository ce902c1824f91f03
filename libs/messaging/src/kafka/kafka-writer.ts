import { type Message, type Producer } from 'kafkajs';
import { type KafkaLink } from './kafka-link.js';
import { type KafkaOptions } from './kafka-settings.js';
import { Lease } from './lease.js';
import { loadKafkajs, openKafka } from './open-kafka.js';
import { within } from './within.js';

/** A message as it goes out. Those of one key stay in order; those without are dealt to the partitions in turn. */
export interface OutMessage {
  key: string | null;
  value: string;
  headers?: Record<string, string>;
}

/** The broker waits so long for its replicas. */
const ACK_TIMEOUT_MS = 4000;
/** What a message adds to a request besides its text, at most. */
const OVERHEAD_BYTES = 128;
const DISCARD_TIMEOUT_MS = 1000;

/**
 * Publishes. Nothing is kept for later: while the cluster is away, and at the bound of what it has not acknowledged,
 * publishing rejects at once, and what is under way when it goes away rejects then.
 */
export class KafkaWriter {
  private opening: Promise<Lease<Producer>> | null = null;
  private readonly unacked = new Set<(error: Error) => void>();
  private unackedBytes = 0;

  constructor(
    private readonly options: KafkaOptions,
    private readonly link: KafkaLink,
  ) {
    link.onDown(() => this.giveUp());
  }

  /** Resolves when all replicas have all of it. When it rejects, some of it may have been published. */
  async publish(topic: string, messages: readonly OutMessage[]): Promise<void> {
    this.link.start();
    await this.link.whenKnown();
    const portions = inPortions(messages, this.options.maxRequestBytes);
    const bytes = portions.reduce((sum, portion) => sum + portion.bytes, 0);
    this.reserve(bytes);
    try {
      await Promise.all(portions.map((portion) => this.send(topic, portion.messages)));
    } catch (error) {
      this.link.suspect();
      throw error;
    } finally {
      this.unackedBytes -= bytes;
    }
  }

  async close(): Promise<void> {
    await this.discard();
  }

  private reserve(bytes: number): void {
    const fault = this.link.fault();
    if (fault !== null) throw new Error(fault);
    if (this.unackedBytes > 0 && this.unackedBytes + bytes > this.options.maxUnackedBytes) {
      throw new Error(`kafka has not acknowledged ${this.unackedBytes} bytes yet`);
    }
    this.unackedBytes += bytes;
  }

  private async send(topic: string, messages: Message[]): Promise<void> {
    let giveUp: (error: Error) => void = () => undefined;
    const down = new Promise<never>((_, reject) => (giveUp = reject));
    this.unacked.add(giveUp);
    try {
      await Promise.race([this.produce(topic, messages), down]);
    } finally {
      this.unacked.delete(giveUp);
    }
  }

  private async produce(topic: string, messages: Message[]): Promise<void> {
    this.opening ??= this.open();
    const lease = await this.opening;
    await lease.use((producer) => producer.send({ topic, messages, acks: -1, timeout: ACK_TIMEOUT_MS }));
  }

  private async open(): Promise<Lease<Producer>> {
    // It keeps a key on one partition and deals the others out in turn.
    const createPartitioner = (await loadKafkajs()).Partitioners.DefaultPartitioner;
    const kafka = await openKafka(this.options);
    const lease = new Lease(kafka.producer({ createPartitioner, allowAutoTopicCreation: false }));
    try {
      await lease.use((producer) => producer.connect());
      return lease;
    } catch (error) {
      this.opening = null;
      void lease.end().catch(() => undefined);
      throw error;
    }
  }

  private giveUp(): void {
    const error = new Error(this.link.fault() ?? 'kafka is not connected');
    for (const reject of this.unacked) reject(error);
    void this.discard();
  }

  private async discard(): Promise<void> {
    const { opening } = this;
    this.opening = null;
    if (opening === null) return;
    const ending = opening.then((lease) => lease.end());
    await within(DISCARD_TIMEOUT_MS, ending).catch(() => undefined);
  }
}

function inPortions(
  messages: readonly OutMessage[],
  maxBytes: number,
): { messages: OutMessage[]; bytes: number }[] {
  const portions: { messages: OutMessage[]; bytes: number }[] = [];
  for (const message of messages) {
    const bytes = Buffer.byteLength(message.value) + OVERHEAD_BYTES;
    const last = portions.at(-1);
    if (last === undefined || last.bytes + bytes > maxBytes) portions.push({ messages: [message], bytes });
    else {
      last.messages.push(message);
      last.bytes += bytes;
    }
  }
  return portions;
}
