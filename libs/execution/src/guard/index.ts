export { type OwnAddress } from './own-addresses.js';
export { type GuardSystem, TargetGuard, type TargetGuardSettings } from './target-guard.js';
export { TargetRefused } from './target-refused.js';
