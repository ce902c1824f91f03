import 'reflect-metadata';
import { runProgram } from '@ecron/platform';
import { SERVICES } from './standalone.js';

/** Relative to this file as compiled. */
const PEN_PROGRAM = new URL('../../../libs/persistence/src/sql/pen.worker.js', import.meta.url);

runProgram({ role: 'standalone', services: SERVICES, penProgram: PEN_PROGRAM });
