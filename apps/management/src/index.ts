export { managementService } from './management.app.js';
