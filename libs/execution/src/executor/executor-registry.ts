import { type JobMode } from '@ecron/domain';
import { Inject, Injectable, type OnModuleInit, Optional } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { Executor } from './executor.js';
import { declarationsOf, type ModeDeclaration } from './job-executor.decorator.js';
import { AttemptWatch } from '../ports/attempt-watch.js';
import { findDeclarationFault } from './mode-names.js';
import { watchedExecutor } from './watched-executor.js';

/** DI token of the modes without which the process does not start. Left out: none. */
export const REQUIRED_MODES = Symbol('REQUIRED_MODES');

interface Registered {
  executor: Executor;
  watched: Executor;
  declaration: ModeDeclaration;
}

/**
 * The executors of this process by mode. Filled when modules initialise, from every provider that is an
 * `Executor`, whichever way it was provided; its module imports Nest's `DiscoveryModule`.
 */
@Injectable()
export class ExecutorRegistry implements OnModuleInit {
  private readonly byMode = new Map<JobMode, Registered>();

  constructor(
    private readonly discovery: DiscoveryService,
    @Optional() @Inject(REQUIRED_MODES) private readonly required: readonly JobMode[] = [],
    @Optional() private readonly watch?: AttemptWatch,
  ) {}

  /** Stops the start when two executors claim a mode, when one claims none, and when a required mode has none. */
  onModuleInit(): void {
    const instances = this.discovery.getProviders().map((wrapper) => wrapper.instance as unknown);
    for (const instance of new Set(instances)) if (instance instanceof Executor) this.add(instance);
    const missing = this.required.find((mode) => !this.byMode.has(mode));
    if (missing !== undefined) throw new Error(adviceFor(missing));
  }

  /** Undefined: no executor of this process carries out that mode. */
  find(mode: JobMode): Executor | undefined {
    return this.byMode.get(mode)?.watched;
  }

  /** What has an executor, in the order of the providers. */
  get declarations(): ModeDeclaration[] {
    return Array.from(this.byMode.values(), ({ declaration }) => declaration);
  }

  /** Closes every executor; resolves when the last one has. */
  async close(): Promise<void> {
    const executors = new Set(Array.from(this.byMode.values(), ({ executor }) => executor));
    await Promise.all(Array.from(executors, async (executor) => executor.close?.()));
  }

  private add(executor: Executor): void {
    const { name } = executor.constructor;
    const declarations = declarationsOf(executor.constructor);
    if (declarations.length === 0)
      throw new Error(`executor ${name} names no mode: mark it with @JobExecutor('mode')`);
    for (const declaration of declarations) this.addMode(executor, declaration);
  }

  private addMode(executor: Executor, declaration: ModeDeclaration): void {
    const { mode, executor: name } = declaration;
    const fault = findDeclarationFault(declaration);
    if (fault !== null) throw new Error(`executor ${name}: ${fault}`);
    const other = this.byMode.get(mode)?.declaration.executor;
    if (other !== undefined) {
      throw new Error(
        `mode "${mode}" has two executors: ${other} and ${name}; give one of them another mode in @JobExecutor, or take it off the list in libs/execution/src/executors/index.ts`,
      );
    }
    const { watch } = this;
    const watched = watch === undefined ? executor : watchedExecutor(executor, mode, watch);
    this.byMode.set(mode, { executor, watched, declaration });
  }
}

function adviceFor(mode: JobMode): string {
  return `mode "${mode}" has no executor: add a class marked @JobExecutor('${mode}') to EXECUTORS in libs/execution/src/executors/index.ts`;
}
