import { readdir, readFile } from 'node:fs/promises';

let scan: Promise<ReadonlySet<number> | null> | undefined;

/**
 * Whether any process of a group still lives. Ended ones that nobody has collected do not: in a container whose first
 * process collects none they stay for ever. Where that cannot be read, what is there lives. Who asks while others
 * wait for the answer gets theirs.
 */
export async function hasLiving(group: number): Promise<boolean> {
  scan ??= livingGroups().finally(() => (scan = undefined));
  return (await scan)?.has(group) ?? true;
}

async function livingGroups(): Promise<ReadonlySet<number> | null> {
  const names = await readdir('/proc').catch(() => []);
  const groups = await Promise.all(names.filter((name) => /^\d+$/.test(name)).map(groupIfAlive));
  return groups.length === 0 ? null : new Set(groups.filter((group) => group !== null));
}

async function groupIfAlive(pid: string): Promise<number | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  // The name of the program comes before, in brackets, and may hold anything.
  const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state === 'Z' || state === 'X' ? null : Number(group);
}
