export { adoptJob, type AdoptedJob, type JobAdoption } from './adopt-job.js';
export { adoptStatus, type AdoptedRun, type JobOfRun } from './adopt-status.js';
export {
  type AdoptionRefusal,
  type LegacyJobRow,
  type LegacyStatusRow,
  refuseRow,
  type RefusedRow,
} from './legacy-rows.js';
export { LegacySchedules } from './legacy-schedules.js';
