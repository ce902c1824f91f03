import 'reflect-metadata';
import { runProgram } from '@ecron/platform';
import { managementService } from './management.app.js';

runProgram({ role: 'management', services: [managementService] });
