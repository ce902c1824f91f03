import { type JobContext } from '@ecron/domain';

export interface CommandLine {
  program: string;
  args: string[];
}

/**
 * `exec` at its blanks, then the values of `info.params`. No shell reads it: quotes, variables and wildcards are
 * arguments like any other, and a value of `params` stays one argument whatever is in it.
 */
export function splitCommand({ exec, info }: JobContext): CommandLine {
  const [program = '', ...args] = exec.trim().split(/\s+/);
  return { program, args: [...args, ...Object.values(info.params ?? {}).map(String)] };
}
