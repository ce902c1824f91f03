export { analysisService } from './analysis.app.js';
