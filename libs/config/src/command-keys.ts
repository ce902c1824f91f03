import { key } from './key.js';
import { absolutePath, absolutePathList, commandLimits, nameList, userIds } from './kinds.js';

/** What jobs of mode `exe` may run on the machines of the management service. */
export const COMMAND_KEYS = {
  exe_allow: key({
    group: 'Commands',
    kind: absolutePathList,
    fallback: null,
    fallbackText: 'none: commands are off, such jobs can be stored and their runs fail',
    doc: 'What jobs of mode `exe` may run: absolute paths of programs, or of folders, which stand for every program below them. What is behind links is compared. An interpreter among them (sh, python, node, env, …) lets those who use it run anything; each start names those that are found.',
  }),
  exe_dir: key({
    group: 'Commands',
    kind: absolutePath,
    fallback: null,
    fallbackText: 'an empty folder for each attempt, removed when it has ended',
    doc: 'The folder in which commands run. One that is set is shared by all of them and never emptied.',
  }),
  exe_user: key({
    group: 'Commands',
    kind: userIds,
    fallback: null,
    fallbackText: 'the user of the service',
    doc: 'Whose rights commands have, as numbers: `uid` or `uid:gid`. The service itself must run as root. A command with the rights of the service can read what the service can, its configuration and environment included.',
  }),
  exe_limits: key({
    group: 'Commands',
    kind: commandLimits,
    fallback: null,
    fallbackText: 'those of the service',
    doc: 'What a command may use at most: `memory_mb` (address space) and `cpu_s` of each of its processes, `open_files` of each, `processes` of all that run as its user (root has no such limit: set `exe_user`). Needs `prlimit` of util-linux, without which the service does not start.',
  }),
  exe_tenants: key({
    group: 'Commands',
    kind: nameList,
    fallback: null,
    fallbackText: 'none: only admins save such jobs',
    doc: 'Tenants (client ids) that may use mode `exe` while authentication is on. Asked when a job is saved, of its caller, and at each run, of the tenant that the job belongs to. Without authentication everybody may.',
  }),
} as const;
