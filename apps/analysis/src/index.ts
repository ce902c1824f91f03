export { startAnalysis } from './analysis.app.js';
