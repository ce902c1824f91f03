import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Config } from '@ecron/config';
import { AesSealer, OWN_KEY_FILE, ownKeys, readKeyFile } from '@ecron/persistence';

/**
 * Seals under the configured keys. Without one a data folder has a key of its own; a database server, which many nodes
 * share, has none.
 * @throws KeyFileError
 */
export function openSealer(config: Config): AesSealer {
  const configured = configuredKeys(config);
  return new AesSealer([...configured, ...keysOfFolder(config, configured)]);
}

function configuredKeys({ secretKey, secretKeyFile }: Config): readonly string[] {
  if (secretKeyFile !== null) return readKeyFile(secretKeyFile);
  return secretKey ?? [];
}

/** What was sealed before a key was configured still has to be opened. */
function keysOfFolder({ dbType, dataDir }: Config, configured: readonly string[]): string[] {
  if (dbType !== 'sqlite') return [];
  return configured.length === 0 || existsSync(join(dataDir, OWN_KEY_FILE)) ? ownKeys(dataDir) : [];
}
