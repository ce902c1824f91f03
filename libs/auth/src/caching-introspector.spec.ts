import { IntrospectionUnavailable } from './auth-errors.js';
import { CachingIntrospector } from './caching-introspector.js';
import { type Introspection, TokenIntrospector } from './token-introspector.js';

/** An answer comes when the test says so. */
class Source extends TokenIntrospector {
  readonly asked: string[] = [];
  answer: Partial<Introspection> = { active: true };
  isAway = false;
  private readonly waiting: (() => void)[] = [];
  isSlow = false;

  async introspect(token: string): Promise<Introspection> {
    this.asked.push(token);
    if (this.isSlow) await new Promise<void>((resolve) => this.waiting.push(resolve));
    if (this.isAway) throw new IntrospectionUnavailable();
    return { active: false, clientId: 'tenant', subject: '', scopes: [], expiresAt: null, ...this.answer };
  }

  release(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}

const EPOCH = 1_764_000_000_000;

describe('CachingIntrospector', () => {
  let source: Source;
  let nowMs: number;
  let cache: CachingIntrospector;

  const create = (activeMs: number) =>
    new CachingIntrospector(source, {
      activeMs,
      time: { monotonicMs: () => nowMs, epochMs: () => EPOCH + nowMs },
    });
  /** How often the source was asked when the token is used at these times. */
  async function askedAt(...timesMs: number[]): Promise<number> {
    for (nowMs of timesMs) await cache.introspect('token');
    return source.asked.length;
  }

  beforeEach(() => {
    source = new Source();
    nowMs = 0;
    cache = create(60_000);
  });

  it('believes in an active token for a minute', async () => {
    expect(await askedAt(0, 59_999)).toBe(1);
    expect(await askedAt(60_000)).toBe(2);
  });

  it('believes in it no longer than it lives', async () => {
    source.answer = { active: true, expiresAt: EPOCH + 30_000 };
    expect(await askedAt(0, 29_999)).toBe(1);
    expect(await askedAt(30_000)).toBe(2);
  });

  it('keeps nothing of a token that the server calls active beyond its end', async () => {
    source.answer = { active: true, expiresAt: EPOCH - 1 };
    expect(await askedAt(0, 0)).toBe(2);
  });

  it('asks each time where nothing is to be kept', async () => {
    cache = create(0);
    expect(await askedAt(0, 0)).toBe(2);
  });

  it('remembers for five seconds that a token is worth nothing', async () => {
    source.answer = { active: false };
    expect(await askedAt(0, 4_999)).toBe(1);
    expect(await askedAt(5_000)).toBe(2);
  });

  it('follows the server when a token has become active, or ceased to be', async () => {
    source.answer = { active: false };
    expect(await cache.introspect('token')).toMatchObject({ active: false });
    source.answer = { active: true };
    nowMs = 5_000;
    expect(await cache.introspect('token')).toMatchObject({ active: true });
    source.answer = { active: false };
    nowMs = 65_000;
    expect(await cache.introspect('token')).toMatchObject({ active: false });
    nowMs = 65_001;
    expect(await cache.introspect('token')).toMatchObject({ active: false });
  });

  it('asks anew about a token that it is told to forget, and about no other', async () => {
    await cache.introspect('token');
    await cache.introspect('other');
    source.answer = { active: false };
    cache.forget('token');
    expect(await cache.introspect('token')).toMatchObject({ active: false });
    expect(await cache.introspect('other')).toMatchObject({ active: true });
    source.answer = { active: true };
    cache.forget('token');
    expect(await cache.introspect('token')).toMatchObject({ active: true });
  });

  it('does not remember an answer that came after it was told to forget', async () => {
    source.isSlow = true;
    const late = cache.introspect('token');
    cache.forget('token');
    source.answer = { active: false };
    const anew = cache.introspect('token');
    source.release();
    await Promise.all([late, anew]);
    source.isSlow = false;
    expect(source.asked).toEqual(['token', 'token']);
    expect(await cache.introspect('token')).toMatchObject({ active: false });
  });

  it('counts from when it asked, however late the answer came', async () => {
    source.isSlow = true;
    const late = cache.introspect('token');
    nowMs = 60_000;
    source.release();
    await late;
    source.isSlow = false;
    expect(await askedAt(60_000)).toBe(2);
  });

  it('asks once for what several ask at a time', async () => {
    source.isSlow = true;
    const answers = [cache.introspect('token'), cache.introspect('token'), cache.introspect('other')];
    source.release();
    expect(await Promise.all(answers)).toHaveLength(3);
    expect(source.asked).toEqual(['token', 'other']);
  });

  it('tells all of them that there is no answer, and asks again then', async () => {
    source.isSlow = true;
    source.isAway = true;
    const answers = Promise.allSettled([cache.introspect('token'), cache.introspect('token')]);
    source.release();
    expect((await answers).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    source.isSlow = false;
    source.isAway = false;
    expect(await cache.introspect('token')).toMatchObject({ active: true });
  });

  it('goes on with what it knows while the server is away, and refuses the rest', async () => {
    await cache.introspect('token');
    source.isAway = true;
    nowMs = 59_999;
    expect(await cache.introspect('token')).toMatchObject({ active: true });
    await expect(cache.introspect('other')).rejects.toThrow(IntrospectionUnavailable);
    nowMs = 60_000;
    await expect(cache.introspect('token')).rejects.toThrow(IntrospectionUnavailable);
  });

  it('forgets the token that was not used for longest beyond ten thousand', async () => {
    for (let n = 0; n < 10_000; n++) await cache.introspect(`token-${n}`);
    await cache.introspect('token-0');
    await cache.introspect('one more');
    source.asked.length = 0;
    await cache.introspect('token-0');
    expect(source.asked).toEqual([]);
    await cache.introspect('token-1');
    expect(source.asked).toEqual(['token-1']);
  });

  it('keeps the good ones however many worthless ones come', async () => {
    await cache.introspect('token');
    source.answer = { active: false };
    for (let n = 0; n < 10_001; n++) await cache.introspect(`garbage-${n}`);
    source.asked.length = 0;
    await cache.introspect('token');
    expect(source.asked).toEqual([]);
  });

  it('refuses beyond a thousand that are asked about at a time', async () => {
    source.isSlow = true;
    const asked = Array.from({ length: 1000 }, (_, n) => cache.introspect(`token-${n}`));
    await expect(cache.introspect('one more')).rejects.toThrow(IntrospectionUnavailable);
    source.release();
    expect(await Promise.all(asked)).toHaveLength(1000);
  });
});
