import { readdirSync, readFileSync } from 'node:fs';

const OWNER = /(?:^|\0)ECRON_EXECUTE_ID=([^\0]+)/;

/** The living processes of this machine that belong to one of these executions, however they came to be: by its id. */
export function processesOf(executeIds: readonly string[]): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const [, executeId = ''] = OWNER.exec(environmentOf(pid)) ?? [];
    if (executeIds.includes(executeId)) found.set(executeId, [...(found.get(executeId) ?? []), Number(pid)]);
  }
  return found;
}

/** Empty for what has ended. */
function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return '';
  }
}
