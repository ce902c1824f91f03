import { parseInstant } from '../time/instant.js';
import { findZone, type Zone } from '../time/zone.js';
import { CronSchedule } from './cron-schedule.js';
import { parseDuration } from './duration.js';
import { refused } from './error.js';
import { AnchoredSchedule, DriftingSchedule } from './every-schedule.js';
import { OnceSchedule } from './once-schedule.js';
import { parseCron } from './parse-cron.js';
import { RobfigSchedule } from './robfig-schedule.js';
import type { Schedule, ScheduleOptions, SlotKind } from './schedule.js';
import { WindowedSchedule } from './windowed-schedule.js';

const MACROS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 0 1 1 *',
  '@annually': '0 0 0 1 1 *',
  '@monthly': '0 0 0 1 * *',
  '@weekly': '0 0 0 * * 0',
  '@daily': '0 0 0 * * *',
  '@midnight': '0 0 0 * * *',
  '@hourly': '0 0 * * * *',
};

/** What is left of a schedule's text, where it begins, and the zone in effect. */
interface Body {
  readonly text: string;
  readonly position: number;
  readonly table: Zone;
}

/**
 * Reads a schedule: five, six (seconds first) or seven fields, a macro, `@every` with a duration, or where allowed an
 * RFC 3339 instant; all but the instant may follow a `CRON_TZ=` or `TZ=` prefix. A duration under one second, zero and
 * negative ones too, is one second. The rule `robfig` refuses what robfig/cron refuses.
 * @throws CronError
 */
export function parseSchedule(text: string, options: ScheduleOptions): Schedule {
  const schedule = readSchedule(text, options);
  const [begin, end] = [options.beginAt ?? null, options.endAt ?? null];
  if (begin === null && end === null) return schedule;
  return new WindowedSchedule(schedule, begin ?? -Infinity, end ?? Infinity);
}

/** What happened to a slot of a cron schedule in a night of transition; null: nothing, or another kind of schedule. */
export function slotKind(schedule: Schedule, slotMs: number): SlotKind | null {
  const bare = schedule instanceof WindowedSchedule ? schedule.inner : schedule;
  const inner = bare instanceof RobfigSchedule ? bare.matches : bare;
  return inner instanceof CronSchedule ? inner.slotKind(slotMs) : null;
}

function readSchedule(text: string, options: ScheduleOptions): Schedule {
  const instantMs = options.allowInstant ? parseInstant(text.trim()) : null;
  if (instantMs !== null) return new OnceSchedule(text, zoneOf(options.zone, 0).name, instantMs);
  const body = readPrefix(text, options);
  return body.text.startsWith('@')
    ? readMacro(text, body, options)
    : readCron(text, body, body.text, options);
}

const zoneOf = (name: string, position: number): Zone => {
  const table = findZone(name);
  if (table) return table;
  throw refused('zone', position, 'must be an IANA time zone');
};

/** robfig/cron looks for prefix and macro at the very start, and takes an empty zone for UTC. */
function readPrefix(text: string, { zone, dst }: ScheduleOptions): Body {
  const start = dst === 'robfig' ? 0 : text.length - text.trimStart().length;
  const prefix = /^(?:CRON_)?TZ=(\S*)/.exec(text.slice(start, start + 128));
  if (!prefix) {
    const body = dst === 'robfig' ? text : text.slice(start).trimEnd();
    return { text: body, position: start, table: zoneOf(zone, 0) };
  }
  const zoneAt = start + prefix[0].length - prefix[1]!.length;
  const rest = text.slice(start + prefix[0].length);
  if (rest === '') throw refused(null, text.length, 'a schedule must follow the zone');
  const name = prefix[1] === '' && dst === 'robfig' ? 'UTC' : prefix[1]!;
  const position = text.length - rest.trimStart().length;
  return { text: rest.trim(), position, table: zoneOf(name, zoneAt) };
}

function readMacro(text: string, body: Body, options: ScheduleOptions): Schedule {
  const every = /^@every\s/.exec(body.text);
  if (every) return readEvery(text, body, options);
  const fields = Object.hasOwn(MACROS, body.text) ? MACROS[body.text] : undefined;
  if (fields !== undefined) return readCron(text, body, fields, options);
  throw refused(
    null,
    body.position,
    `must be @every with a duration, or one of ${Object.keys(MACROS).join(' ')}`,
  );
}

function readEvery(text: string, { text: body, position, table }: Body, options: ScheduleOptions): Schedule {
  const duration = body.slice('@every '.length);
  const seconds = parseDuration(options.dst === 'robfig' ? duration : duration.trim());
  if (seconds === null)
    throw refused('interval', position + '@every '.length, 'must be a duration like 90s or 1h30m');
  const stepMs = Math.max(seconds, 1) * 1000;
  if (options.anchorMs === null) return new DriftingSchedule(text, table.name, stepMs);
  return new AnchoredSchedule(text, table.name, stepMs, options.anchorMs);
}

function readCron(
  text: string,
  { position, table }: Body,
  fields: string,
  options: ScheduleOptions,
): Schedule {
  const spec = parseCron(fields, position, { rule: options.dst, hashKey: options.hashKey });
  if (options.dst === 'robfig') return new RobfigSchedule(text, table, spec);
  return new CronSchedule(text, table, spec, spec.fixedTime);
}
