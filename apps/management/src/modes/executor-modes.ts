import { type ContextFault, type JobContext, type JobMode, type JsonObject } from '@ecron/domain';
import { type ExecutorRegistry, executorModeOf, isJobMode, type ModeDeclaration } from '@ecron/execution';
import { JobModes } from '@ecron/jobs';
import { checkBody } from '../http/check-body.js';

/** The modes of jobs, as the executors of this process declare them. */
export class ExecutorModes extends JobModes {
  constructor(private readonly registry: Pick<ExecutorRegistry, 'declarations' | 'find'>) {
    super();
  }

  /** Without the variants, which no job names. */
  get declarations(): ModeDeclaration[] {
    return this.registry.declarations.filter(({ mode }) => isJobMode(mode));
  }

  get names(): JobMode[] {
    return this.declarations.map(({ mode }) => mode);
  }

  readOptions(mode: JobMode, sent: unknown): JsonObject | null {
    const options = this.declarations.find((declared) => declared.mode === mode)?.options;
    if (options === undefined) return null;
    // What is left out is checked too: a mode can have options that must be there.
    checkBody(sent ?? {}, options, `job_context.info.${mode}`);
    return (sent ?? null) as JsonObject | null;
  }

  findFault(context: JobContext): ContextFault | null {
    return this.registry.find(executorModeOf(context))?.check?.(context) ?? null;
  }
}
