import { type DynamicModule, Module, type ModuleMetadata, type Type } from '@nestjs/common';
import { HealthController } from './health.controller.js';
import { type ReadinessCheck, READINESS_CHECKS } from './readiness-check.js';
import { StartupState } from './startup-state.js';

/** Answers `/health/alive`, `/health/startup` and `/health/ready`. */
@Module({})
export class HealthModule {
  /** @param checks classes that `imports` (or global modules) provide; all have to pass for a ready answer. */
  static register(
    checks: (Type<ReadinessCheck> | (abstract new (...args: never[]) => ReadinessCheck))[],
    imports: NonNullable<ModuleMetadata['imports']> = [],
  ): DynamicModule {
    return {
      module: HealthModule,
      imports,
      controllers: [HealthController],
      providers: [
        StartupState,
        { provide: READINESS_CHECKS, useFactory: (...found: ReadinessCheck[]) => found, inject: checks },
      ],
    };
  }
}
