import { JOB_MODES } from '@ecron/domain';
import { Heartbeat } from '@ecron/nodes';
import { type DynamicModule, Module, type ModuleMetadata, type Provider } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { Aborter } from './aborter/aborter.service.js';
import { ExecutorRegistry, REQUIRED_MODES } from './executor/executor-registry.js';
import { EXECUTORS } from './executors/index.js';
import { OutputRecorder } from './output/output-recorder.service.js';
import { Recorder } from './recorder/recorder.service.js';
import { Runner } from './runner/runner.service.js';

/**
 * What a management node runs things with. `imports` bring the stores, the publisher, the clock and the node;
 * `settings` are what the executors are given.
 */
@Module({})
export class ExecutionModule {
  static with(imports: NonNullable<ModuleMetadata['imports']>, settings: Provider[]): DynamicModule {
    return {
      module: ExecutionModule,
      imports: [DiscoveryModule, ...imports],
      providers: [
        Heartbeat,
        { provide: REQUIRED_MODES, useValue: JOB_MODES },
        ExecutorRegistry,
        Recorder,
        OutputRecorder,
        Runner,
        Aborter,
        ...EXECUTORS,
        ...settings,
      ],
      exports: [Runner, ExecutorRegistry, Heartbeat],
    };
  }
}
