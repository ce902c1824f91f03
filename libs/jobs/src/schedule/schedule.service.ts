import { Injectable } from '@nestjs/common';
import { Clock, type DstRule, formatInstant, type Schedule, scheduleOf, slotKind } from '@ecron/domain';
import { JobSettings } from '../job-settings.js';
import { type Optional } from '../job/job-input.js';
import { lengthOf, MAX_CRON_LENGTH, readTime, readZone } from '../job/read-fields.js';
import { refusingCronErrors } from '../job/read-job.js';
import { refuse } from '../errors.js';
import { startOfSecond } from '../show-time.js';

export const DEFAULT_PREVIEW_COUNT = 10;
export const MAX_PREVIEW_COUNT = 1000;

/** What to preview; types and ranges are checked, texts are not. */
export interface PreviewInput {
  job_cron_time?: Optional<string>;
  time_zone?: Optional<string>;
  dst?: Optional<DstRule>;
  after?: Optional<string>;
  /** 1 to {@link MAX_PREVIEW_COUNT}. */
  count?: Optional<number>;
  /** What `H` hashes. */
  job_id?: Optional<string>;
}

export interface SlotWarning {
  slot: string;
  kind: 'dst_gap' | 'dst_overlap';
  text: string;
}

export interface Preview {
  slots: string[];
  warnings: SlotWarning[];
}

const WARNING_TEXT: Record<SlotWarning['kind'], string> = {
  dst_gap: 'The clock jumps over the named time on this day: it runs at the end of the gap.',
  dst_overlap: 'The named time comes twice on this day: it runs the first time only.',
};

/** Says when a schedule would be due, before anything is stored. */
@Injectable()
export class ScheduleService {
  constructor(
    private readonly clock: Clock,
    private readonly settings: JobSettings,
  ) {}

  /** Fewer slots than asked for when the schedule has no more. */
  preview(input: PreviewInput): Preview {
    const after = readTime('after', input.after) ?? this.clock.now();
    const schedule = this.read(input, after);
    const slots = takeSlots(schedule, after, input.count ?? DEFAULT_PREVIEW_COUNT);
    return {
      slots: slots.map((slot) => formatInstant(slot, schedule.zone)),
      warnings: slots.flatMap((slot) => warningOf(schedule, slot)),
    };
  }

  private read(input: PreviewInput, after: number): Schedule {
    const text = input.job_cron_time ?? '';
    const timeZone = readZone(input.time_zone, this.settings.timeZone);
    if (lengthOf(text.trimEnd()) > MAX_CRON_LENGTH) {
      throw refuse.cron(`position ${MAX_CRON_LENGTH}: must have at most ${MAX_CRON_LENGTH} characters`);
    }
    const dst = input.dst ?? 'default';
    const anchorAt = startOfSecond(after);
    const parts = {
      jobId: input.job_id ?? '',
      schedule: text,
      timeZone,
      dst,
      beginAt: null,
      endAt: null,
      anchorAt,
    };
    return refusingCronErrors(() => scheduleOf({ ...parts, type: 'timed' }));
  }
}

function takeSlots(schedule: Schedule, after: number, count: number): number[] {
  const slots: number[] = [];
  let slot = schedule.next(after);
  while (slot !== null && slots.length < count) {
    slots.push(slot);
    slot = schedule.next(slot);
  }
  return slots;
}

function warningOf(schedule: Schedule, slot: number): SlotWarning[] {
  const kind = slotKind(schedule, slot);
  return kind === null ? [] : [{ slot: formatInstant(slot, schedule.zone), kind, text: WARNING_TEXT[kind] }];
}
