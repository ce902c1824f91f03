import { type Notify, NOTIFY_ON, type NotifyOn } from '@ecron/domain';
import { refuse } from '../errors.js';
import { type Optional } from './job-input.js';

/** Whom to tell results, as a client says it; what only the server sets is ignored. */
export interface NotifyInput {
  webhook?: Optional<string>;
  /** Left out or null: `always`. */
  on?: Optional<string>;
}

/** The filter is kept only where it says something. */
export function readNotify({ webhook, on }: NotifyInput, path: string): Notify {
  const filter = readFilter(on, path);
  return !webhook || filter === 'always' ? { webhook: webhook ?? '' } : { webhook, on: filter };
}

function readFilter(on: Optional<string>, path: string): NotifyOn {
  if (on === undefined || on === null || on === '') return 'always';
  const known = NOTIFY_ON.find((one) => one === on);
  if (known === undefined) throw refuse.field(`${path}on`, `must be one of ${NOTIFY_ON.join(', ')}`);
  return known;
}

/** A webhook that its receiver has disabled stays so until it is set anew or leads elsewhere. */
export function keepDisabled(next: Notify, stored: Notify | undefined): Notify {
  const disabledAt = stored?.disabled_at;
  if (disabledAt === undefined || next.webhook !== stored?.webhook) return next;
  return { ...next, disabled_at: disabledAt };
}
