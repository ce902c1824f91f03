import 'reflect-metadata';
import { JOB_MODES, type JobMode, type ModeDefaults } from '@ecron/domain';
import { SetMetadata, type Type } from '@nestjs/common';

const DECLARATION = 'ecron:executor';

/** What an executor says of its modes beside their names. */
export interface ExecutorTraits extends Partial<ModeDefaults> {
  /**
   * A class with class-validator's decorators, and `@nestjs/swagger`'s for the API's description, for what a job says to
   * this executor alone: `job_context.info.<mode>`. Checked when a job is saved; unknown members are refused.
   */
  options?: Type<object>;
}

/** One mode and what its executor declares for it. */
export interface ModeDeclaration extends ExecutorTraits {
  mode: JobMode;
  /** The executor's class. */
  executor: string;
}

/**
 * Marks an `Executor` as the one for these values of `job_context.mode`, and says what holds for them:
 * `@JobExecutor('demo', { timeoutS: 30, nodeLost: 'interrupt' })`. Each mode has one. Left out, a mode has the time-out
 * of HTTP, 60 s, and is tried again when its node is lost. The modes of the contract keep their own.
 */
export function JobExecutor(...marks: JobMode[] | [...JobMode[], ExecutorTraits]): ClassDecorator {
  const modes = marks.filter((mark) => typeof mark === 'string');
  const [traits = {}] = marks.filter((mark) => typeof mark !== 'string');
  return SetMetadata(DECLARATION, { modes, traits });
}

/** What a class was marked with; empty when it was not marked. */
export function declarationsOf(type: { readonly name: string }): ModeDeclaration[] {
  const mark = Reflect.getMetadata(DECLARATION, type) as
    { modes: JobMode[]; traits: ExecutorTraits } | undefined;
  return mark?.modes.map((mode) => ({ mode, executor: type.name, ...mark.traits })) ?? [];
}

/** What policies need to know of the modes beyond the contract's, wherever no executor is. */
export function modeDefaultsOf(declarations: readonly ModeDeclaration[]): Record<JobMode, ModeDefaults> {
  const further = declarations.filter(({ mode }) => !JOB_MODES.some((known) => known === mode));
  const defaults = further.map(
    ({ mode, timeoutS = 60, nodeLost = 'retry' }) => [mode, { timeoutS, nodeLost }] as const,
  );
  return Object.fromEntries(defaults);
}
