import { readdirSync, readFileSync } from 'node:fs';

/** Stops a process (SIGSTOP) and returns when each of its threads stands still: the signal alone is not there at once. */
export function freezeProcess(pid: number): void {
  process.kill(pid, 'SIGSTOP');
  while (readdirSync(`/proc/${pid}/task`).some((thread) => stateOf(`/proc/${pid}/task/${thread}`) !== 'T'));
}

function stateOf(folder: string): string {
  try {
    return /\) (\w) /.exec(readFileSync(`${folder}/stat`, 'utf8'))?.[1] ?? 'T';
  } catch {
    // The thread has ended meanwhile.
    return 'T';
  }
}
