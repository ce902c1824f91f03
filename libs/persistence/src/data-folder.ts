import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Sqlite from 'better-sqlite3';

/** The folder cannot be used; the message is for the operator. */
export class DataFolderError extends Error {}

/**
 * A data folder that this process alone uses. The lock is an SQLite lock on a file of its own, which the
 * operating system gives back when the process dies, however it dies: who gets it knows the predecessor is dead.
 */
export class DataFolder {
  private constructor(
    readonly path: string,
    private readonly lock: Sqlite.Database,
  ) {}

  /** Creates the folder where it is missing. @throws DataFolderError when it is in use or cannot be written */
  static open(path: string): DataFolder {
    return new DataFolder(path, takeLock(path));
  }

  /** Idempotent. */
  close(): void {
    this.lock.close();
  }
}

/** Not by `recursive`: that never returns where a file system has no such folder to give, as under /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  // Jobs carry their targets' credentials.
  mkdirSync(path, { mode: 0o700 });
}

function takeLock(path: string): Sqlite.Database {
  try {
    makeFolder(path);
    const lock = new Sqlite(join(path, 'ecron.lock'), { timeout: 0 });
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    const { code } = error as { code?: string };
    const why =
      code === 'SQLITE_BUSY'
        ? 'is in use by another ECron process'
        : `cannot be written (${code ?? String(error)})`;
    throw new DataFolderError(`the data folder ${path} ${why}`);
  }
}
