import { ConfigError, loadConfig } from '@ecron/config';
import { DataFolder, DataFolderError, NewerSchemaError, openSqlite } from '@ecron/persistence';

/** `npm run migrate`: brings the schema of the data folder up to date and exits. */
async function main(): Promise<void> {
  const { dataDir } = loadConfig(process.env, process.cwd());
  const folder = DataFolder.open(dataDir);
  try {
    const database = await openSqlite(dataDir);
    await database.close();
  } finally {
    folder.close();
  }
  process.stdout.write(`the schema in ${dataDir} is up to date\n`);
}

main().catch((error: unknown) => {
  const isExpected = [ConfigError, DataFolderError, NewerSchemaError].some((kind) => error instanceof kind);
  process.stderr.write(`ecron: ${isExpected ? (error as Error).message : String(error)}\n`);
  process.exitCode = 1;
});
