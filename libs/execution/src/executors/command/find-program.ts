import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { basename, isAbsolute, join, sep } from 'node:path';

/** A program that may run: the file itself, and the name that it was asked for by. */
export interface FoundProgram {
  /** Free of links. */
  file: string;
  /** What the program sees as its own name: some programs do different things by different names. */
  name: string;
}

export type ProgramSearch = FoundProgram | { refusal: string };

interface Entry {
  path: string;
  file: string;
  isFolder: boolean;
}

/**
 * Finds a program and compares what is behind all links with the list. An absolute path is taken as it is, any other
 * name is looked up in the listed folders and among the listed programs, never in PATH or the working folder.
 */
export async function findProgram(name: string, allow: readonly string[]): Promise<ProgramSearch> {
  if (name.includes('\0')) return { refusal: 'the name of the program has a NUL in it' };
  const entries = await openEntries(allow);
  for (const path of candidatesOf(name, entries)) {
    const file = await realpath(path).catch(() => null);
    if (file === null) continue;
    if (!entries.some((entry) => covers(entry, file, basename(path)))) continue;
    return (await isProgram(file))
      ? { file, name: path }
      : { refusal: `${path} is no program that can be run` };
  }
  return { refusal: `${name} is not among the programs that exe_allow lists, or is not there` };
}

/** What the list names just now: a program may be installed, or a link turned, at any time. */
async function openEntries(allow: readonly string[]): Promise<Entry[]> {
  const opened = await Promise.all(allow.map(openEntry));
  return opened.filter((entry) => entry !== null);
}

async function openEntry(path: string): Promise<Entry | null> {
  try {
    const file = await realpath(path);
    return { path, file, isFolder: (await stat(file)).isDirectory() };
  } catch {
    return null;
  }
}

function candidatesOf(name: string, entries: readonly Entry[]): string[] {
  if (isAbsolute(name)) return [name];
  return entries.flatMap(({ path, file, isFolder }) => {
    if (isFolder) return [join(file, name)];
    return basename(path) === name ? [path] : [];
  });
}

/** By another name the same file can be another program: busybox is a shell to whoever calls it `sh`. */
function covers(entry: Entry, file: string, name: string): boolean {
  if (!entry.isFolder) return file === entry.file && name === basename(entry.path);
  return file.startsWith(entry.file.endsWith(sep) ? entry.file : entry.file + sep);
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
