import { PROCESS_TIME, type TimeSources } from './time-sources.js';

/** The database server's clock. */
export abstract class ServerClock {
  /** Epoch milliseconds as the server has them while it answers. */
  abstract read(): Promise<number>;
}

const SAMPLE_MS = 500;
const FIRST_SAMPLES = 5;
/** The best of so many samples counts: over ten seconds no clock drifts by more than a fraction of a millisecond. */
const KEPT_SAMPLES = 20;
/** What took longer says too little. */
const LONGEST_TRIP_MS = 1_000;
/** Beyond what two round trips explain: the server's clock has whole milliseconds, and both clocks drift. */
const SLACK_MS = 3;

interface Sample {
  /** Server time minus monotonic time. */
  offset: number;
  tripMs: number;
}

/**
 * The server's time, carried on by the process's monotonic clock: read twice a second, the reading with the
 * shortest round trip counts, its middle being the server's instant. While the server is away the last
 * offset carries on. A reading that no round trip explains is a step of the server's clock: followed at once
 * (whoever must not step looks after that, see `NodeClock`).
 */
export class DatabaseTime implements TimeSources {
  private samples: Sample[] = [];
  private offset = 0;
  private ownSkewMs = 0;
  private timer: NodeJS.Timeout | undefined;
  private isReading = false;

  private constructor(
    private readonly server: ServerClock,
    private readonly own: TimeSources,
  ) {}

  /** Reads the server's clock a few times, then goes on doing so until {@link stop}. @throws what the server's clock throws */
  static async start(server: ServerClock, own: TimeSources = PROCESS_TIME): Promise<DatabaseTime> {
    const time = new DatabaseTime(server, own);
    for (let n = 0; n < FIRST_SAMPLES; n++) time.keep(await time.measure());
    time.timer = setInterval(() => void time.sample(), SAMPLE_MS);
    return time;
  }

  wall(): number {
    return this.own.monotonic() + this.offset;
  }

  monotonic(): number {
    return this.own.monotonic();
  }

  skewMs(): number {
    return this.ownSkewMs;
  }

  /** One reading; one that fails changes nothing. */
  async sample(): Promise<void> {
    if (this.isReading) return;
    this.isReading = true;
    const sample = await this.measure().catch(() => null);
    this.isReading = false;
    if (sample !== null && sample.tripMs <= LONGEST_TRIP_MS) this.keep(sample);
  }

  /** Idempotent. */
  stop(): void {
    clearInterval(this.timer);
  }

  private async measure(): Promise<Sample> {
    const sent = this.own.monotonic();
    const server = await this.server.read();
    if (!Number.isFinite(server)) throw new Error('the database tells no time');
    const tripMs = this.own.monotonic() - sent;
    return { offset: server - (sent + tripMs / 2), tripMs };
  }

  private keep(sample: Sample): void {
    if (this.samples.some((other) => !agree(sample, other))) this.samples = [];
    this.samples = [...this.samples, sample].slice(-KEPT_SAMPLES);
    this.offset = this.samples.reduce((best, s) => (s.tripMs <= best.tripMs ? s : best)).offset;
    this.ownSkewMs = Math.round(this.own.wall() - this.wall());
  }
}

/** Each sample is right to half its round trip. */
function agree(a: Sample, b: Sample): boolean {
  return Math.abs(a.offset - b.offset) <= (a.tripMs + b.tripMs) / 2 + SLACK_MS;
}
