import { type Logger } from '@ecron/observability';
import { resealWhereNeeded } from '@ecron/persistence';
import { type Platform } from './platform.js';

/** In the background, after the start. What a stop cuts is done at the next one. */
export async function resealSecrets({ database, sealer }: Platform, log: Logger): Promise<void> {
  try {
    const report = await resealWhereNeeded(database, sealer);
    if (report === null) return;
    const { resealed, unopenable } = report;
    if (unopenable === 0)
      log.info({ event: 'secrets.resealed', resealed }, 'all secrets are sealed under the first key');
    else
      log.error(
        { event: 'secrets.unopenable', unopenable },
        `the secrets of ${unopenable} rows are sealed under a key that is not configured`,
      );
  } catch (error) {
    log.warn(
      { event: 'secrets.reseal.cut' },
      `secrets are not all sealed under the first key yet: ${(error as Error).message}`,
    );
  }
}
