export { startManagement } from './management.app.js';
