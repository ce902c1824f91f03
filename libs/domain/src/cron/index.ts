export { CronError, type CronErrorField } from './error.js';
export { parseSchedule, slotKind } from './parse-schedule.js';
export { printSchedule } from './print.js';
export type { Schedule, ScheduleKind, ScheduleOptions, SlotKind } from './schedule.js';
