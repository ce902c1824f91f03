import { Heartbeat } from '@ecron/nodes';
import { type DynamicModule, Module, type ModuleMetadata, type Provider } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { Aborter } from './aborter/aborter.service.js';
import { ExecutorRegistry } from './executor/executor-registry.js';
import { Recorder } from './recorder/recorder.service.js';
import { Runner } from './runner/runner.service.js';

/**
 * What a management node runs things with. `imports` bring the run store, the publisher, the clock, the node and
 * the settings; `executors` are the modes it can carry out.
 */
@Module({})
export class ExecutionModule {
  static with(imports: NonNullable<ModuleMetadata['imports']>, executors: Provider[]): DynamicModule {
    return {
      module: ExecutionModule,
      imports: [DiscoveryModule, ...imports],
      providers: [Heartbeat, ExecutorRegistry, Recorder, Runner, Aborter, ...executors],
      exports: [Runner, ExecutorRegistry, Heartbeat],
    };
  }
}
