import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { basename, join } from 'node:path';
import { type CommandLimits, type CommandSettings, type Limiter } from './command-settings.js';
import { type FoundProgram } from './find-program.js';

const MIB = 1024 * 1024;
/** A program that is told that its time is used up has so many seconds of the processor left to end. */
const LAST_CPU_S = 5;
const PROBE_TIMEOUT_MS = 10_000;

const OPTION_OF: Record<keyof CommandLimits, (limit: number) => string> = {
  memory_mb: (mb) => `--as=${mb * MIB}`,
  cpu_s: (s) => `--cpu=${s}:${s + LAST_CPU_S}`,
  open_files: (count) => `--nofile=${count}`,
  processes: (count) => `--nproc=${count}`,
};

/**
 * Finds `prlimit` of util-linux in PATH and tries it: it sets limits and then becomes the program, without a shell.
 * Blocking: for a start only. A refusal says what is amiss.
 */
export function findLimiter(
  limits: CommandLimits,
  user: CommandSettings['user'],
): Limiter | { refusal: string } {
  const folders = (process.env['PATH'] ?? '').split(':').filter((folder) => folder !== '');
  const program = folders.map((folder) => join(folder, 'prlimit')).find(canRun);
  if (program === undefined) return { refusal: 'needs prlimit (util-linux), which is not there' };
  const limiter = { program, options: optionsOf(limits) };
  const { status, stderr } = spawnSync(program, [...limiter.options, '--', program, '--version'], {
    ...user,
    encoding: 'utf8',
    env: {},
    timeout: PROBE_TIMEOUT_MS,
  });
  return status === 0 ? limiter : { refusal: `cannot be set: ${stderr?.trim() || 'prlimit does not work'}` };
}

/** Why a program cannot be started with limits; null: it can. */
export function findLimiterFault({ file, name }: FoundProgram): string | null {
  // prlimit gives the file as the name, and by another name the same file can be another program.
  return basename(file) === basename(name)
    ? null
    : `${name} is a link to a program of another name, which cannot be started while exe_limits is set`;
}

function optionsOf(limits: CommandLimits): string[] {
  return Object.entries(limits).map(([name, limit]) => OPTION_OF[name as keyof CommandLimits](limit));
}

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
