import {
  type NsqDelivery,
  type NsqVerdict,
  readDelivery,
  touchCommand,
  verdictCommand,
} from './nsq-delivery.js';
import { NsqLink } from './nsq-link.js';
import { type HostPort } from './nsq-settings.js';
import { type NsqReadConnection } from './nsqjs.js';

export interface IntakeOptions {
  address: HostPort;
  /** What it is for, as the log names it. */
  purpose: string;
  open: () => Promise<NsqReadConnection>;
  /** Messages that nsqd may hand out before the first of them is done. */
  inFlight: number;
  /** Must not reject. */
  work: (delivery: NsqDelivery) => Promise<NsqVerdict>;
}

/** Of the time after which nsqd hands a message to another; the rest is for a busy process and the way. */
const TOUCH_AT = 1 / 3;
/** For nsqd to have sent what it was about to send when it was told to stop. */
const STRAGGLERS_MS = 25;
const FAREWELL_WITHIN_MS = 500;

/** What one subscription takes from one nsqd. */
export class NsqIntake {
  private readonly link: NsqLink<NsqReadConnection>;
  private readonly atWork = new Set<NsqDelivery>();
  private outbox: string[] = [];
  private touching: NodeJS.Timeout | undefined;
  private isStopping = false;
  private onIdle: (() => void) | null = null;

  constructor(private readonly options: IntakeOptions) {
    const { address, purpose } = options;
    this.link = new NsqLink<NsqReadConnection>({
      address,
      purpose,
      open: () => this.open(),
      onReady: (connection) => this.begin(connection),
      onLost: () => this.forget(),
    });
  }

  start(): void {
    this.link.start();
  }

  get isConnected(): boolean {
    return this.link.ready !== null;
  }

  fault(): string | null {
    return this.link.fault();
  }

  /** Takes no more, waits for what is at work, and ends the connection when nsqd has heard of it. */
  async close(): Promise<void> {
    this.isStopping = true;
    this.link.ready?.setRdy(0);
    if (this.atWork.size > 0) await new Promise<void>((resolve) => (this.onIdle = resolve));
    if (this.link.ready !== null) await this.sayFarewell(this.link.ready);
    this.forget();
    this.link.close();
  }

  private async open(): Promise<NsqReadConnection> {
    const connection = await this.options.open();
    connection.createMessage = readDelivery;
    connection.on('message', (delivery: NsqDelivery) => void this.take(connection, delivery));
    return connection;
  }

  private begin(connection: NsqReadConnection): void {
    const everyMs = connection.msgTimeout * TOUCH_AT;
    this.touching = setInterval(() => this.touch(everyMs), everyMs).unref();
    connection.setRdy(this.isStopping ? 0 : this.options.inFlight);
  }

  private async take(connection: NsqReadConnection, delivery: NsqDelivery): Promise<void> {
    if (this.isStopping) return this.answer(connection, verdictCommand(delivery, { requeueMs: 0 }));
    this.atWork.add(delivery);
    const verdict = await this.options.work(delivery);
    this.atWork.delete(delivery);
    this.answer(connection, verdictCommand(delivery, verdict));
    if (this.atWork.size === 0) this.onIdle?.();
  }

  /** Of a connection that is gone nsqd has already given the message to another one, or soon will. */
  private answer(connection: NsqReadConnection, command: string): void {
    if (connection !== this.link.ready) return;
    // One write for all that end in the same turn: a write costs more than a handler's bookkeeping.
    if (this.outbox.push(command) === 1) setImmediate(() => this.flush());
  }

  private flush(): void {
    const commands = this.outbox.join('');
    this.outbox = [];
    if (commands !== '') this.link.ready?.write(commands);
  }

  private touch(everyMs: number): void {
    const { ready } = this.link;
    const now = performance.now();
    // Half a period: so each message is touched in the second sweep that it sees, at the latest.
    const due = [...this.atWork].filter(({ touchedAtMs }) => now - touchedAtMs > everyMs / 2);
    for (const delivery of due) delivery.touchedAtMs = now;
    if (ready !== null) for (const delivery of due) this.answer(ready, touchCommand(delivery));
  }

  /** The messages at work were the old connection's: a new one must not speak of them. */
  private forget(): void {
    clearInterval(this.touching);
    this.outbox = [];
    for (const delivery of this.atWork) delivery.touchedAtMs = Infinity;
  }

  private async sayFarewell(connection: NsqReadConnection): Promise<void> {
    this.flush();
    const heard = new Promise<void>((resolve) => {
      connection.on('closed', resolve);
      connection.conn?.on('data', (data: Buffer) => data.includes('CLOSE_WAIT') && resolve());
      setTimeout(resolve, FAREWELL_WITHIN_MS).unref();
    });
    connection.write('CLS\n');
    await heard;
    await new Promise((resolve) => setTimeout(resolve, STRAGGLERS_MS));
  }
}
