export { HealthModule } from './health.module.js';
export { StartupState } from './startup-state.js';
export { ReadinessCheck, READINESS_CHECKS } from './readiness-check.js';
