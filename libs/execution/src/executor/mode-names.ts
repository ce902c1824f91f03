import { type JobMode } from '@ecron/domain';
import { type ModeDeclaration } from './job-executor.decorator.js';

/** The column that keeps it has no room for more. */
const MAX_MODE_LENGTH = 16;
/** `mode+variant` is for what a mode becomes under circumstances. */
const MODE = /^[a-z][a-z0-9-]*(\+[a-z0-9-]+)?$/;
/** Members that `job_context.info` has anyway. */
const INFO_MEMBERS = ['method', 'params', 'headers', 'body', 'kubernetes', 'tls', 'assert'];

/** Whether jobs can name the mode; a variant, `exe+kubernetes`, is chosen by what else the job says. */
export function isJobMode(mode: JobMode): boolean {
  return !mode.includes('+');
}

/** Why a mode cannot be registered; null: it can. */
export function findDeclarationFault({ mode, options }: ModeDeclaration): string | null {
  if (!MODE.test(mode) || mode.length > MAX_MODE_LENGTH) {
    return `mode "${mode}" must be a-z, 0-9 and "-", begin with a letter and have at most ${MAX_MODE_LENGTH} characters`;
  }
  if (options !== undefined && INFO_MEMBERS.includes(mode)) {
    return `mode "${mode}" cannot have options: job_context.info.${mode} means something else`;
  }
  return null;
}
