import { randomBytes } from 'node:crypto';
import { chmodSync, closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** The keys cannot be read or made; the message is for the operator, without any of them. */
export class KeyFileError extends Error {}

const KEY = /^[0-9a-f]{64}$/i;
/** Beside the database in the data folder, where no key is configured. */
export const OWN_KEY_FILE = 'secret.key';

/**
 * The keys of a file, one a line, the one that seals first; blank lines and those that begin with # do not count.
 * @throws KeyFileError
 */
export function readKeyFile(path: string): string[] {
  const lines = read(path)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (lines.length === 0) throw new KeyFileError(`the key file ${path} holds no key`);
  const wrong = lines.findIndex((line) => !KEY.test(line));
  if (wrong < 0) return lines;
  throw new KeyFileError(
    `the key file ${path}: key ${wrong + 1} is not 64 hexadecimal digits (openssl rand -hex 32)`,
  );
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw cannot('be read', path, error);
  }
}

/** The key of a data folder, made at its first use; only the owner of the process may read it. @throws KeyFileError */
export function ownKeys(folder: string): string[] {
  const path = join(folder, OWN_KEY_FILE);
  makeOnce(path);
  return readKeyFile(path);
}

function makeOnce(path: string): void {
  try {
    const file = openSync(path, 'wx', 0o600);
    try {
      writeSync(file, `${randomBytes(32).toString('hex')}\n`);
      // What is sealed under it must not outlive it in a crash.
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    chmodSync(path, 0o600);
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') throw cannot('be made', path, error);
  }
}

function cannot(what: string, path: string, error: unknown): KeyFileError {
  return new KeyFileError(`the key file ${path} cannot ${what} (${(error as { code?: string }).code ?? ''})`);
}
