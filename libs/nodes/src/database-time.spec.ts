import { DatabaseTime, ServerClock } from './database-time.js';
import { type TimeSources } from './time-sources.js';

const SERVER_AHEAD_MS = 5_000;

/** A world in which time passes only on the way to the server and back, and when told. */
class World extends ServerClock implements TimeSources {
  at = 1_000;
  serverAheadMs = SERVER_AHEAD_MS;
  /** The ways there and back, one pair a reading; then 1 ms each. */
  trips: [number, number][] = [];
  isAway = false;
  reads = 0;

  wall = () => this.at + 100_000;
  monotonic = () => this.at;
  get serverNow(): number {
    return this.at + 100_000 + this.serverAheadMs;
  }

  async read(): Promise<number> {
    this.reads++;
    const [there, back] = this.trips.shift() ?? [1, 1];
    this.at += there;
    if (this.isAway) throw new Error('no database');
    const now = this.serverNow;
    this.at += back;
    return now;
  }
}

describe('the time of the database', () => {
  let world: World;
  let time: DatabaseTime;
  const start = async (): Promise<void> => {
    time = await DatabaseTime.start(world, world);
  };
  const errorMs = (): number => time.wall() - world.serverNow;

  beforeEach(() => {
    jest.useFakeTimers();
    world = new World();
  });
  afterEach(() => {
    time.stop();
    jest.useRealTimers();
  });

  it('is the server’s, and tells how far ahead the process’s own clock is', async () => {
    await start();
    expect(errorMs()).toBe(0);
    expect(time.skewMs()).toBe(-SERVER_AHEAD_MS);
    world.at += 60_000;
    expect(errorMs()).toBe(0);
  });

  it('goes by the reading with the shortest round trip', async () => {
    world.trips = [
      [200, 0],
      [0, 80],
      [3, 3],
      [40, 0],
      [0, 10],
    ];
    await start();
    expect(errorMs()).toBe(0);
    world.trips = [[300, 0]];
    await time.sample();
    expect(errorMs()).toBe(0);
  });

  it('is read on, twice a second', async () => {
    await start();
    await jest.advanceTimersByTimeAsync(2_000);
    expect(world.reads).toBe(9);
    time.stop();
    await jest.advanceTimersByTimeAsync(2_000);
    expect(world.reads).toBe(9);
  });

  it('carries on while the server is away', async () => {
    await start();
    world.isAway = true;
    await time.sample();
    world.at += 30_000;
    expect(errorMs()).toBe(0);
  });

  it('does not begin without the server', async () => {
    world.isAway = true;
    await expect(start()).rejects.toThrow('no database');
    world.isAway = false;
    await start();
  });

  it('learns nothing from an answer that is no time', async () => {
    await start();
    jest.spyOn(world, 'read').mockResolvedValueOnce(Number.NaN);
    await time.sample();
    expect(errorMs()).toBe(0);
  });

  it('learns nothing from a reading that took too long', async () => {
    await start();
    world.serverAheadMs += 700;
    world.trips = [[0, 1_200]];
    await time.sample();
    expect(time.skewMs()).toBe(-SERVER_AHEAD_MS);
  });

  it.each([-3_600_000, -50, 50, 3_600_000])('follows a step of the server’s clock by %d ms', async (step) => {
    await start();
    world.serverAheadMs += step;
    await time.sample();
    expect(errorMs()).toBe(0);
    expect(time.skewMs()).toBe(-SERVER_AHEAD_MS - step);
  });

  it('follows a server that drifts, as old readings are forgotten', async () => {
    await start();
    for (let n = 0; n < 100; n++) {
      world.serverAheadMs += 0.2;
      await time.sample();
    }
    expect(Math.abs(errorMs())).toBeLessThan(5);
  });

  it('reads one at a time', async () => {
    await start();
    const before = world.reads;
    await Promise.all([time.sample(), time.sample()]);
    expect(world.reads).toBe(before + 1);
  });
});
