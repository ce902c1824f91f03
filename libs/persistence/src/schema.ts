import { MIGRATIONS } from '@ecron/migrations';
import { type DataSource } from 'typeorm';

export const MIGRATION_TABLE = 'ecron_migration';

/** The database was written by a later version of ECron, whose migrations this one does not know. */
export class NewerSchemaError extends Error {
  constructor(names: readonly string[]) {
    super(`the database belongs to a newer version of ECron (unknown migrations: ${names.join(', ')})`);
  }
}

/** Migrations are pending, and whoever opened the database was told to apply none. */
export class PendingMigrationsError extends Error {
  constructor(names: readonly string[]) {
    super(`the database lacks migrations (${names.join(', ')}): npm run migrate`);
  }
}

/** The names of the migrations that the database has; none where it is new. */
export async function appliedMigrations(source: DataSource): Promise<string[]> {
  const runner = source.createQueryRunner();
  try {
    if (!(await runner.hasTable(MIGRATION_TABLE))) return [];
    const rows = (await runner.query(`SELECT name FROM ${MIGRATION_TABLE}`)) as { name: string }[];
    return rows.map((row) => row.name);
  } finally {
    await runner.release();
  }
}

/** @throws NewerSchemaError */
export function refuseNewer(applied: readonly string[]): void {
  const known = new Set(MIGRATIONS.map((m) => m.name));
  const unknown = applied.filter((name) => !known.has(name));
  if (unknown.length > 0) throw new NewerSchemaError(unknown);
}

/** @throws PendingMigrationsError */
export function refusePending(applied: readonly string[]): void {
  const pending = MIGRATIONS.map((m) => m.name).filter((name) => !applied.includes(name));
  if (pending.length > 0) throw new PendingMigrationsError(pending);
}
