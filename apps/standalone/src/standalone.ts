import { type LoggerService } from '@nestjs/common';
import { startAnalysis } from '@ecron/analysis';
import { startManagement } from '@ecron/management';
import { type Config } from '@ecron/config';
import { openPlatform, type Platform, type Service } from '@ecron/platform';

/** Both services in one process, wired as they are when they run apart. */
export interface Standalone {
  management: Service;
  analysis: Service;
  cutRuns: number;
  stop(): Promise<void>;
}

/** @throws DataFolderError, NewerSchemaError, ListenError; nothing is left open then */
export async function startStandalone(
  config: Config,
  logger: LoggerService,
  penProgram?: URL,
): Promise<Standalone> {
  const platform = await openPlatform(config, penProgram);
  const started: Service[] = [];
  try {
    const management = await startManagement(platform, 'standalone', logger);
    started.push(management);
    const analysis = await startAnalysis(platform, 'standalone', logger);
    started.push(analysis);
    let stopping: Promise<void> | undefined;
    const stop = (): Promise<void> => (stopping ??= stopAll(platform, [analysis, management]));
    return { management, analysis, cutRuns: platform.cutRuns, stop };
  } catch (error) {
    await stopAll(platform, started.reverse());
    throw error;
  }
}

/** Who decides stops before who runs, so that nothing new comes while runs finish. */
async function stopAll(platform: Platform, services: readonly Service[]): Promise<void> {
  for (const service of services) await service.stop();
  await platform.close();
}
