export { HealthModule } from './health.module.js';
export { ReadinessCheck, READINESS_CHECKS } from './readiness-check.js';
