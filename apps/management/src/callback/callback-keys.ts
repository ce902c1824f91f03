import { createHmac, timingSafeEqual } from 'node:crypto';

/** DI token of the `CallbackKeys` in force; null where authentication is off, so that nobody needs a key. */
export const CALLBACK_KEYS = Symbol('CALLBACK_KEYS');

/** The keys that let targets report results without a token: one for each execution, good for nothing else. */
export class CallbackKeys {
  /** @param secrets the first one makes keys, all of them are taken */
  constructor(private readonly secrets: readonly [string, ...string[]]) {}

  keyOf(executeId: string): string {
    return digest(this.secrets[0], executeId).toString('base64url');
  }

  /** In a time that does not depend on the key. */
  fits(executeId: string, key: string): boolean {
    const shown = Buffer.from(key, 'base64url');
    const fitting = this.secrets.map((secret) => isSame(digest(secret, executeId), shown));
    return fitting.includes(true);
  }
}

function digest(secret: string, executeId: string): Buffer {
  return createHmac('sha256', secret).update(executeId).digest();
}

function isSame(expected: Buffer, shown: Buffer): boolean {
  return expected.length === shown.length && timingSafeEqual(expected, shown);
}
