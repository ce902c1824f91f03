import { hkdfSync } from 'node:crypto';

/** What the two cookies are sealed by. One cannot be passed off as the other. */
export interface SessionKeys {
  session: Buffer[];
  ticket: Buffer[];
}

/** @param keys of 64 hexadecimal digits each; the first seals, all open */
export function sessionKeys(keys: readonly string[]): SessionKeys {
  const derive = (use: string): Buffer[] =>
    keys.map((key) => Buffer.from(hkdfSync('sha256', Buffer.from(key, 'hex'), '', `ecron ${use}`, 32)));
  return { session: derive('session'), ticket: derive('sign-in ticket') };
}
