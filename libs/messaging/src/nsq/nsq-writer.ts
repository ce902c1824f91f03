import { isControlTopic } from '../topics.js';
import { NsqLink } from './nsq-link.js';
import { type NsqConfig } from './nsq-settings.js';
import { type NsqdAdmin } from './nsqd-admin.js';
import { type NsqWriteConnection, openWriter } from './nsqjs.js';

/** One command to nsqd; its `-max-body-size` is 5 MiB. */
const BATCH_BYTES = 1024 * 1024;

interface Unacked {
  sentAtMs: number;
}

/**
 * Publishes to one nsqd. Nothing is kept for later: without a connection, and at the bound of what nsqd has not
 * answered, publishing rejects at once.
 */
export class NsqWriter {
  private readonly link: NsqLink<NsqWriteConnection>;
  /** In the order of sending, which is that of nsqd's answers. */
  private readonly unacked = new Set<Unacked>();
  private unackedBytes = 0;
  private readonly prepared = new Map<string, Promise<void> | null>();
  private watch: NodeJS.Timeout | undefined;

  constructor(
    private readonly config: NsqConfig,
    private readonly admin: NsqdAdmin,
  ) {
    this.link = new NsqLink<NsqWriteConnection>({
      address: config.nsqd,
      purpose: 'publishing',
      open: () => openWriter(config.nsqd, config),
      // Another nsqd, or one without its data, may answer next time.
      onLost: () => this.prepared.clear(),
    });
  }

  start(): void {
    this.link.start();
    this.watch = setInterval(() => this.dropDeaf(), 1000).unref();
  }

  fault(): string | null {
    return this.link.fault();
  }

  /** Resolves when nsqd has acknowledged all of it. When it rejects, some of it may have been published. */
  async publish(topic: string, texts: readonly string[]): Promise<void> {
    const bodies = texts.map((text) => Buffer.from(text));
    const bytes = bodies.reduce((sum, body) => sum + this.checkedSize(body), 0);
    const unacked = this.reserve(bytes);
    try {
      // Those of others have no channel that must be there first, and there is no end of their names.
      if (isControlTopic(topic) && this.prepared.get(topic) !== null) await this.prepare(topic);
      await Promise.all(inBatches(bodies).map((batch) => this.send(topic, batch)));
    } finally {
      this.unacked.delete(unacked);
      this.unackedBytes -= bytes;
    }
  }

  close(): void {
    clearInterval(this.watch);
    this.link.close();
  }

  private checkedSize(body: Buffer): number {
    const { maxMessageBytes } = this.config;
    if (body.length <= maxMessageBytes) return body.length;
    throw new RangeError(`a message of ${body.length} bytes is larger than nsqd takes: ${maxMessageBytes}`);
  }

  private reserve(bytes: number): Unacked {
    this.connection();
    const { maxUnackedBytes } = this.config;
    if (this.unacked.size > 0 && this.unackedBytes + bytes > maxUnackedBytes) {
      throw new Error(`nsqd has not acknowledged ${this.unackedBytes} bytes yet`);
    }
    const unacked = { sentAtMs: performance.now() };
    this.unacked.add(unacked);
    this.unackedBytes += bytes;
    return unacked;
  }

  private connection(): NsqWriteConnection {
    const { ready } = this.link;
    if (ready === null) throw new Error(this.link.fault() ?? 'nsqd is not connected');
    return ready;
  }

  /** Once for each topic and connection; all who publish meanwhile wait for the same. Null then says that it is done. */
  private async prepare(topic: string): Promise<void> {
    const running = this.prepared.get(topic) ?? this.admin.prepare(topic);
    this.prepared.set(topic, running);
    await running;
    if (this.prepared.get(topic) === running) this.prepared.set(topic, null);
  }

  private send(topic: string, bodies: Buffer[]): Promise<void> {
    const connection = this.connection();
    return new Promise((resolve, reject) =>
      connection.produceMessages(topic, bodies, undefined, (error) =>
        error === null ? resolve() : reject(error),
      ),
    );
  }

  private dropDeaf(): void {
    const [oldest] = this.unacked;
    if (oldest !== undefined && performance.now() - oldest.sentAtMs > this.config.ackTimeoutMs) {
      this.link.reset();
    }
  }
}

function inBatches(bodies: readonly Buffer[]): Buffer[][] {
  const batches: Buffer[][] = [];
  let room = 0;
  for (const body of bodies) {
    const needed = body.length + 4;
    if (needed > room) {
      batches.push([]);
      room = Math.max(BATCH_BYTES, needed);
    }
    batches.at(-1)?.push(body);
    room -= needed;
  }
  return batches;
}
