import 'reflect-metadata';
import { runProgram } from '@ecron/platform';
import { analysisService } from './analysis.app.js';

runProgram({ role: 'analysis', services: [analysisService] });
