import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';
import { Heartbeat } from '@ecron/nodes';
import { Claimer } from './claimer/claimer.service.js';
import { Dispatcher } from './dispatcher/dispatcher.service.js';
import { Handover } from './handover/handover.service.js';
import { Reaper } from './reaper/reaper.service.js';
import { Rewinder } from './rewinder/rewinder.service.js';
import { Scheduling } from './scheduling.service.js';
import { Sweeper } from './sweeper/sweeper.service.js';
import { Tracker } from './tracker/tracker.service.js';

/** The routines of an analysis node. `imports` bring the stores, the publisher, the clock and the node. */
@Module({})
export class SchedulingModule {
  static with(imports: NonNullable<ModuleMetadata['imports']>): DynamicModule {
    return {
      module: SchedulingModule,
      imports,
      providers: [Heartbeat, Claimer, Dispatcher, Sweeper, Handover, Reaper, Rewinder, Tracker, Scheduling],
      exports: [Claimer, Tracker, Scheduling, Heartbeat],
    };
  }
}
