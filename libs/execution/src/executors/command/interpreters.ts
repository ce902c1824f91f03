import { readdir, realpath } from 'node:fs/promises';
import { basename } from 'node:path';

/** Programs that carry out what their arguments say, or start any other program. */
const INTERPRETER =
  /^((ba|da|z|k|mk|pdk|c|tc|a|fi)?sh|busybox|toybox|python|pypy|node|nodejs|deno|bun|perl|ruby|irb|php|lua|luajit|tclsh|expect|Rscript|java|jshell|pwsh|gawk|mawk|awk|sed|env|xargs|find|parallel|make|sudo|su|doas|ssh|script|nice|nohup|timeout|setsid|stdbuf|time|watch|chroot|nsenter|unshare|strace|gdb|vim?|ed|tar|git|docker|podman|kubectl|systemd-run)([-.]?\d[\d.]*)?$/;

/**
 * Of the listed programs, and of those in listed folders, the interpreters: whoever may use one of them can run
 * anything, whatever else the list says. What cannot be read is left out.
 */
export async function findInterpreters(allow: readonly string[]): Promise<string[]> {
  const found = await Promise.all(allow.map(interpretersAt));
  return found.flat();
}

async function interpretersAt(path: string): Promise<string[]> {
  const file = await realpath(path).catch(() => path);
  const names = await readdir(file).catch(() => null);
  if (names !== null) return names.filter(isInterpreter).map((name) => `${path.replace(/\/$/, '')}/${name}`);
  return [path, file].some((one) => isInterpreter(basename(one))) ? [path] : [];
}

const isInterpreter = (name: string): boolean => INTERPRETER.test(name);
