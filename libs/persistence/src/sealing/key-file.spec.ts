import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OWN_KEY_FILE, ownKeys, readKeyFile } from './key-file.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ecron-keys-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the key of a data folder', () => {
  it('is made once, for the owner alone', () => {
    const [key] = ownKeys(folder);
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(ownKeys(folder)).toEqual([key]);
    expect(statSync(join(folder, OWN_KEY_FILE)).mode & 0o777).toBe(0o600);
  });

  it('is never made anew where its file is damaged', () => {
    writeFileSync(join(folder, OWN_KEY_FILE), '');
    expect(() => ownKeys(folder)).toThrow('holds no key');
    expect(readFileSync(join(folder, OWN_KEY_FILE), 'utf8')).toBe('');
  });
});

describe('a key file', () => {
  const file = (text: string): string => {
    const path = join(folder, 'keys');
    writeFileSync(path, text);
    return path;
  };

  it('has a key a line', () => {
    const [a, b] = ['a'.repeat(64), 'B'.repeat(64)];
    expect(readKeyFile(file(`# new\n${a}\n\n  ${b}\r\n`))).toEqual([a, b]);
  });

  it('is refused without a word of what is in it', () => {
    const path = file(`${'a'.repeat(64)}\ncanary\n`);
    expect(() => readKeyFile(path)).toThrow(`the key file ${path}: key 2 is not 64 hexadecimal digits`);
    expect(() => readKeyFile(join(folder, 'none'))).toThrow('cannot be read (ENOENT)');
  });
});
