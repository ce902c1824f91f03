import { dirname } from 'node:path';
import { type AttemptRequest } from '../../executor/executor.js';
import { identityVariables } from '../../executor/identity-variables.js';

const SYSTEM_PATH = ['/usr/local/bin', '/usr/bin', '/bin'];

/** What a command finds in its environment: who it is, and nothing of ours. */
export function commandEnvironment(
  attempt: AttemptRequest,
  folder: string,
  program: string,
): Record<string, string> {
  return {
    PATH: [...new Set([dirname(program), ...SYSTEM_PATH])].join(':'),
    HOME: folder,
    LANG: 'C.UTF-8',
    ...identityVariables(attempt),
  };
}
