import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { Executor } from './executor.js';
import { modesOf } from './job-executor.decorator.js';

/**
 * The executors of this process by mode. Filled when modules initialise, from every provider that is an
 * `Executor`, whichever way it was provided; its module imports Nest's `DiscoveryModule`.
 */
@Injectable()
export class ExecutorRegistry implements OnModuleInit {
  private readonly byMode = new Map<string, Executor>();

  constructor(private readonly discovery: DiscoveryService) {}

  /** Stops the start when two executors claim a mode, or one claims none. */
  onModuleInit(): void {
    const instances = this.discovery.getProviders().map((wrapper) => wrapper.instance as unknown);
    for (const instance of new Set(instances)) if (instance instanceof Executor) this.add(instance);
  }

  /** Undefined: no executor of this process carries out that mode. */
  find(mode: string): Executor | undefined {
    return this.byMode.get(mode);
  }

  /** Modes that have an executor. */
  get modes(): string[] {
    return [...this.byMode.keys()];
  }

  /** Closes every executor; resolves when the last one has. */
  async close(): Promise<void> {
    await Promise.all(Array.from(new Set(this.byMode.values()), async (executor) => executor.close?.()));
  }

  private add(executor: Executor): void {
    const { name } = executor.constructor;
    const modes = modesOf(executor);
    if (modes.length === 0)
      throw new Error(`executor ${name} names no mode: mark it with @JobExecutor('mode')`);
    for (const mode of modes) {
      const other = this.byMode.get(mode);
      if (other) {
        throw new Error(`mode "${mode}" has two executors: ${other.constructor.name} and ${name}`);
      }
      this.byMode.set(mode, executor);
    }
  }
}
