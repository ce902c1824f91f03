import { CronError } from '../cron/error.js';
import { parseSchedule } from '../cron/parse-schedule.js';
import { type Schedule } from '../cron/schedule.js';

/** When an adopted job is due first (null: never), or why its text is no schedule. */
export type FirstSlot = { kind: 'read'; slotAt: number | null } | { kind: 'refused'; rule: string };

export interface Window {
  beginAt: number | null;
  endAt: number | null;
}

const ZONE_PREFIX = /^(?:CRON_)?TZ=\S*\s/;
const MAX_TEXTS = 20_000;

/**
 * The schedules of the old table, in the one zone its process had. Each distinct text is read once; of more than
 * 20 000 some are read again.
 */
export class LegacySchedules {
  private readonly byText = new Map<string, Schedule | CronError>();
  private readonly slots = new Map<string, number | null>();

  /** @param now what `@every` counts from, as it did from each start of the old process */
  constructor(
    private readonly zone: string,
    private readonly now: number,
  ) {}

  /** The first slot after `now`. */
  first(text: string, window: Window): FirstSlot {
    const schedule = this.read(text);
    if (schedule instanceof CronError) return { kind: 'refused', rule: schedule.message };
    const isOpen = window.beginAt === null && window.endAt === null;
    return {
      kind: 'read',
      slotAt: isOpen ? this.open(text, schedule) : this.parse(text, window).next(this.now),
    };
  }

  private open(text: string, schedule: Schedule): number | null {
    const known = this.slots.get(text);
    if (known !== undefined) return known;
    const slotAt = schedule.next(this.now);
    this.slots.set(text, slotAt);
    return slotAt;
  }

  private read(text: string): Schedule | CronError {
    const known = this.byText.get(text);
    if (known !== undefined) return known;
    if (this.byText.size >= MAX_TEXTS) this.forget();
    const read = this.tryParse(text);
    this.byText.set(text, read);
    return read;
  }

  private forget(): void {
    this.byText.clear();
    this.slots.clear();
  }

  private tryParse(text: string): Schedule | CronError {
    try {
      if (!hasSixFields(text)) return new CronError('refused', null, 0, 'must have 6 fields or be a macro');
      return this.parse(text, { beginAt: null, endAt: null });
    } catch (error) {
      if (error instanceof CronError) return error;
      throw error;
    }
  }

  private parse(text: string, window: Window): Schedule {
    return parseSchedule(text, {
      ...window,
      zone: this.zone,
      dst: 'robfig',
      hashKey: '',
      anchorMs: this.now,
    });
  }
}

/** The old parser took exactly six: a row of five never ran, and is not to begin with it now. */
function hasSixFields(text: string): boolean {
  const body = text.replace(ZONE_PREFIX, '');
  return body.startsWith('@') || body.trim().split(/\s+/).length === 6;
}
