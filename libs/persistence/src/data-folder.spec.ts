import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataFolder, DataFolderError } from './data-folder.js';

/** Another process that locks the folder as ECron does, and says so. */
const HOLDER = `
  const Sqlite = require('better-sqlite3');
  const lock = new Sqlite(process.argv[1]);
  lock.exec('BEGIN EXCLUSIVE');
  console.log('locked');
  setInterval(() => lock.open, 1_000);
`;

describe('a data folder', () => {
  let base: string;
  let path: string;
  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'ecron-'));
    path = join(base, 'some', 'data');
  });
  afterEach(() => rmSync(base, { recursive: true }));

  it('is made where it is missing, and is for one at a time', () => {
    const first = DataFolder.open(path);
    expect(existsSync(path)).toBe(true);
    expect(() => DataFolder.open(path)).toThrow(DataFolderError);
    expect(() => DataFolder.open(path)).toThrow(`the data folder ${path} is in use by another ECron process`);
    first.close();
    first.close();
    DataFolder.open(path).close();
  });

  it('of another process is free the moment that process is dead, however it died', async () => {
    DataFolder.open(path).close();
    const other = spawn(process.execPath, ['-e', HOLDER, join(path, 'ecron.lock')]);
    try {
      await new Promise((resolve) => other.stdout.once('data', resolve));
      expect(() => DataFolder.open(path)).toThrow('is in use by another ECron process');
      const died = new Promise((resolve) => other.once('exit', resolve));
      other.kill('SIGKILL');
      await died;
      DataFolder.open(path).close();
    } finally {
      other.kill('SIGKILL');
    }
  });

  it('says what is wrong when it cannot be written', () => {
    const file = join(base, 'file');
    writeFileSync(file, '');
    expect(() => DataFolder.open(join(file, 'data'))).toThrow(
      /^the data folder .* cannot be written \(ENOTDIR\)$/,
    );
  });
});
