import { type Config, loadConfig } from '@ecron/config';
import { createLogger } from '@ecron/observability';
import { openPlatform, operatorText } from '@ecron/platform';

/**
 * `npm run migrate`: brings the schema up to date, adopts an old deployment's data where the database holds some,
 * and exits. It needs no broker.
 */
async function main(): Promise<void> {
  const config = loadConfig(process.env, process.cwd());
  const log = createLogger({ level: config.logLevel, name: 'ecron' });
  const platform = await openPlatform(migrating(config), { log });
  const steps = await platform.database.read<{ name: string }>(
    'SELECT name FROM ecron_migration ORDER BY id',
  );
  await platform.close();
  process.stdout.write(`the schema of ${platform.labels.database} is at ${steps.at(-1)?.name}\n`);
}

function migrating(config: Config): Config {
  return { ...config, dbMigrate: 'auto', mqConnectorType: 'memory' };
}

main().catch((error: unknown) => {
  process.stderr.write(`ecron: ${operatorText(error)}\n`);
  process.exitCode = 1;
});
