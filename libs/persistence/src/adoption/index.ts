export {
  adoptLegacy,
  type AdoptionLog,
  type AdoptionOptions,
  type AdoptionProgress,
  type AdoptionReport,
} from './adopt-legacy.js';
export { storedCompletion } from './adoption-meta.js';
export type { AdoptionSource, Notice, Refusal, SourceReport } from './adoption-report.js';
