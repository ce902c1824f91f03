import { type Config } from '@ecron/config';
import { findLimiter, type Limiter } from '@ecron/execution';
import { OperatorError } from '@ecron/platform';

/** What sets the limits of `exe_limits`; null: there are none. @throws OperatorError where they cannot be set. */
export function commandLimiter({
  exeLimits,
  exeUser,
}: Pick<Config, 'exeLimits' | 'exeUser'>): Limiter | null {
  if (exeLimits === null) return null;
  const limiter = findLimiter(exeLimits, exeUser);
  if ('refusal' in limiter)
    throw new OperatorError(`the configuration cannot be used: exe_limits ${limiter.refusal}`);
  return limiter;
}
