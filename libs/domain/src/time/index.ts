export { formatInstant, parseInstant } from './instant.js';
export { isZone } from './zone.js';
