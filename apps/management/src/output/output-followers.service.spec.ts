import { type TenantScope } from '@ecron/domain';
import { type OutputProgress, OutputStore, type StoredOutput } from '@ecron/execution';
import { Logger } from '@nestjs/common';
import { Follower } from './follower.js';
import { MAX_FOLLOWERS, MAX_FOLLOWERS_PER_TENANT, OutputFollowers } from './output-followers.service.js';

type Part = { attempt: number; stream: 'stdout' | 'stderr'; text: string };

/** Shows what `parts` and `state` say, and counts how often it is read. */
class ShownOutputs extends OutputStore {
  parts: Part[] = [];
  state: string | null = 'running';
  looks: string[][] = [];
  reads: string[] = [];
  isDown = false;

  async look(executeIds: readonly string[]): Promise<OutputProgress[]> {
    this.looks.push([...executeIds]);
    if (this.isDown) throw new Error('away');
    const streams = this.parts.map(({ attempt, stream, text }) => ({
      attempt,
      stream,
      totalBytes: text.length,
    }));
    return executeIds.map((executeId) => ({ executeId, state: this.state, streams }));
  }
  async read(_scope: TenantScope, executeId: string, attempt: number): Promise<StoredOutput[]> {
    this.reads.push(`${executeId}/${attempt}`);
    return this.parts
      .filter((part) => part.attempt === attempt)
      .map(({ stream, text }) => ({
        executeId,
        attempt,
        stream,
        head: text,
        tail: '',
        totalBytes: text.length,
        updatedAt: 0,
      }));
  }
  readLast = async (): Promise<StoredOutput[]> => [];
  write = async (): Promise<void> => undefined;
}

/** A client that keeps what it got. */
class Client {
  isFull = false;
  readonly got: unknown[] = [];
  send = (event: string, data: object) => void this.got.push([event, data]);
  beat = () => void this.got.push('beat');
  end = () => void this.got.push('closed');
  cut = () => void this.got.push('cut off');
}

describe('following an output', () => {
  let store: ShownOutputs;
  let followers: OutputFollowers;
  let nowMs: number;
  beforeAll(() => void Logger.overrideLogger(false));
  beforeEach(() => {
    jest.useFakeTimers();
    store = new ShownOutputs();
    followers = new OutputFollowers(store);
    nowMs = 0;
  });
  afterEach(() => {
    followers.onModuleDestroy();
    jest.useRealTimers();
  });

  const follow = (
    own: { executeId?: string; tenantId?: string; attempt?: number; streams?: ('stdout' | 'stderr')[] } = {},
  ) => {
    const { executeId = 'e', tenantId = 'tenant', attempt = null, streams = ['stdout', 'stderr'] } = own;
    const client = new Client();
    const follower = new Follower(executeId, tenantId, { streams, attempt }, client, () => nowMs);
    followers.add(follower);
    return { client, follower };
  };
  const look = () => jest.advanceTimersByTimeAsync(500);
  const shows = (...parts: [number, 'stdout' | 'stderr', string][]) => {
    store.parts = parts.map(([attempt, stream, text]) => ({ attempt, stream, text }));
  };
  const output = (attempt: number, stream: string, text: string) => ['output', { attempt, stream, text }];

  it('sends at once what there is, then what is new, and ends with the execution', async () => {
    shows([1, 'stdout', 'one ']);
    const { client } = follow();
    await jest.advanceTimersByTimeAsync(0);
    expect(client.got).toEqual([output(1, 'stdout', 'one ')]);
    shows([1, 'stdout', 'one two'], [1, 'stderr', 'note']);
    await look();
    await look();
    store.state = 'succeeded';
    shows([1, 'stdout', 'one two three'], [1, 'stderr', 'note']);
    await look();
    expect(client.got.slice(1)).toEqual([
      output(1, 'stdout', 'two'),
      output(1, 'stderr', 'note'),
      output(1, 'stdout', ' three'),
      ['end', { state: 'succeeded' }],
      'closed',
    ]);
    expect(followers.size).toBe(0);
    store.looks = [];
    await look();
    expect(store.looks).toEqual([]);
  });

  it('goes from the last attempt to those that follow', async () => {
    shows([1, 'stdout', 'old'], [2, 'stdout', 'now']);
    const { client } = follow();
    await look();
    shows([1, 'stdout', 'old'], [2, 'stdout', 'now'], [3, 'stdout', 'next']);
    await look();
    expect(client.got).toEqual([output(2, 'stdout', 'now'), output(3, 'stdout', 'next')]);
  });

  it('begins with the attempt and has the streams that were asked for', async () => {
    shows([1, 'stdout', 'old'], [1, 'stderr', 'note'], [2, 'stderr', 'more']);
    const { client } = follow({ attempt: 1, streams: ['stderr'] });
    await look();
    expect(client.got).toEqual([output(1, 'stderr', 'note'), output(2, 'stderr', 'more')]);
  });

  it('reads once for all who follow', async () => {
    shows([1, 'stdout', 'one']);
    const clients = [follow(), follow(), follow({ executeId: 'f' })];
    await jest.advanceTimersByTimeAsync(0);
    store.looks = [];
    store.reads = [];
    shows([1, 'stdout', 'one two']);
    await look();
    expect(store.looks).toEqual([['e', 'f']]);
    expect(store.reads).toEqual(['e/1', 'f/1']);
    for (const { client } of clients) expect(client.got.at(-1)).toBeTruthy();
  });

  it('goes on where the database was away', async () => {
    const { client } = follow();
    store.isDown = true;
    await look();
    store.isDown = false;
    shows([1, 'stdout', 'one']);
    await look();
    expect(client.got).toEqual([output(1, 'stdout', 'one')]);
  });

  it('gives a slow client later what it has missed, and one that takes nothing for a minute up', async () => {
    const [slow, stuck] = [follow(), follow()];
    slow.client.isFull = stuck.client.isFull = true;
    shows([1, 'stdout', 'one']);
    await look();
    shows([1, 'stdout', 'one two']);
    slow.client.isFull = false;
    await look();
    expect(slow.client.got).toEqual([output(1, 'stdout', 'one two')]);
    nowMs = 61_000;
    await look();
    expect(stuck.client.got).toEqual(['cut off']);
    expect(followers.size).toBe(1);
  });

  it('shows that it is alive while nothing comes', async () => {
    const { client } = follow();
    await look();
    nowMs = 16_000;
    await look();
    await look();
    expect(client.got).toEqual(['beat']);
  });

  it('ends where there is no such execution any more', async () => {
    store.state = null;
    const { client } = follow();
    await look();
    expect(client.got).toEqual([['end', { state: '' }], 'closed']);
  });

  it('is refused to a tenant that has as many as one may, and not to another', () => {
    const all = Array.from({ length: MAX_FOLLOWERS_PER_TENANT }, () => follow({ tenantId: 'busy' }));
    expect(() => followers.refuseIfFull('busy')).toThrow('Too many');
    expect(() => followers.refuseIfFull('tenant')).not.toThrow();
    followers.remove(all[0]?.follower as Follower);
    expect(() => followers.refuseIfFull('busy')).not.toThrow();
  });

  it('is refused to one more than may, and to all when the node stops', async () => {
    const all = Array.from({ length: MAX_FOLLOWERS }, (_, n) => follow({ tenantId: `tenant-${n}` }));
    expect(() => followers.refuseIfFull('another')).toThrow('Too many');
    followers.remove(all[0]?.follower as Follower);
    expect(() => followers.refuseIfFull('another')).not.toThrow();
    followers.onModuleDestroy();
    expect(all[1]?.client.got.at(-1)).toBe('closed');
    expect(() => followers.refuseIfFull('another')).toThrow('Too many');
  });
});
