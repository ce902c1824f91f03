import { createHash } from 'node:crypto';
import { IntrospectionUnavailable } from './auth-errors.js';
import { LruCache } from './lru-cache.js';
import { type Introspection, TokenIntrospector } from './token-introspector.js';

/** Answers that are kept of each sort: what one without a token sends must not push out those who have one. */
const KEPT_ANSWERS = 10_000;
const INACTIVE_MS = 5000;
/** Different tokens that are asked about at a time; beyond them a caller is refused. */
const MAX_ASKED = 1000;

/** Where time comes from: one that only goes on, for how long an answer holds, and that of the token server. */
export interface CacheTime {
  monotonicMs(): number;
  epochMs(): number;
}

interface Kept {
  answer: Introspection;
  untilMs: number;
}

export interface CacheOptions {
  /** How long an active token is believed in, in milliseconds, and never beyond its own end; 0: each time anew. */
  activeMs: number;
  time?: CacheTime;
}

const SYSTEM_TIME: CacheTime = { monotonicMs: () => performance.now(), epochMs: () => Date.now() };

/**
 * Remembers what the token server said: of an active token for a while, of another for 5 s. What several ask about one
 * token at a time is one question. It knows tokens by their SHA-256 only, and forgets those that were not used for
 * longest. That there was no answer is never remembered.
 */
export class CachingIntrospector extends TokenIntrospector {
  private readonly active = new LruCache<Kept>(KEPT_ANSWERS);
  private readonly inactive = new LruCache<Kept>(KEPT_ANSWERS);
  private readonly asked = new Map<string, Promise<Introspection>>();
  private readonly time: CacheTime;

  constructor(
    private readonly source: TokenIntrospector,
    private readonly options: CacheOptions,
  ) {
    super();
    this.time = options.time ?? SYSTEM_TIME;
  }

  async introspect(token: string): Promise<Introspection> {
    const key = keyOf(token);
    return this.find(key) ?? this.asked.get(key) ?? this.ask(key, token);
  }

  /** An answer that is still to come is not remembered either: it may be of before. */
  override forget(token: string): void {
    const key = keyOf(token);
    this.active.delete(key);
    this.inactive.delete(key);
    this.asked.delete(key);
  }

  private find(key: string): Introspection | null {
    for (const cache of [this.active, this.inactive]) {
      const kept = cache.get(key);
      if (kept !== undefined && this.time.monotonicMs() < kept.untilMs) return kept.answer;
    }
    return null;
  }

  private ask(key: string, token: string): Promise<Introspection> {
    if (this.asked.size >= MAX_ASKED) throw new IntrospectionUnavailable();
    // What it says holds from when it was asked, not from when it came.
    const askedAt = this.time.monotonicMs();
    const asked = this.source.introspect(token);
    this.asked.set(key, asked);
    return this.keepOf(asked, key, askedAt);
  }

  private async keepOf(asked: Promise<Introspection>, key: string, askedAt: number): Promise<Introspection> {
    try {
      const answer = await asked;
      if (this.asked.get(key) === asked) this.keep(key, answer, askedAt);
      return answer;
    } finally {
      if (this.asked.get(key) === asked) this.asked.delete(key);
    }
  }

  private keep(key: string, answer: Introspection, askedAt: number): void {
    const [cache, other] = answer.active ? [this.active, this.inactive] : [this.inactive, this.active];
    other.delete(key);
    cache.set(key, { answer, untilMs: askedAt + this.lifetimeMs(answer) });
  }

  private lifetimeMs({ active, expiresAt }: Introspection): number {
    if (!active) return INACTIVE_MS;
    const leftMs = expiresAt === null ? Infinity : expiresAt - this.time.epochMs();
    return Math.min(this.options.activeMs, leftMs);
  }
}

const keyOf = (token: string): string => createHash('sha256').update(token).digest('base64');
