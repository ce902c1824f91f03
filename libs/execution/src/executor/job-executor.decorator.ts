import 'reflect-metadata';
import { SetMetadata } from '@nestjs/common';

const MODES = 'ecron:executor-modes';

/** Marks an `Executor` as the one for these values of `job_context.mode`. Each mode has at most one. */
export function JobExecutor(...modes: string[]): ClassDecorator {
  return SetMetadata(MODES, modes);
}

/** The modes an instance's class was marked with; empty when it was not marked. */
export function modesOf(executor: object): readonly string[] {
  return (Reflect.getMetadata(MODES, executor.constructor) as string[] | undefined) ?? [];
}
