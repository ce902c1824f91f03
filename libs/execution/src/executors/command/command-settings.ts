/** What a command may use at most: each of its processes, but for `processes`, which counts all of its user. */
export type CommandLimits = Readonly<
  Partial<Record<'memory_mb' | 'cpu_s' | 'open_files' | 'processes', number>>
>;

/** Sets limits and becomes the program that is named behind its options. */
export interface Limiter {
  program: string;
  options: readonly string[];
}

/** What commands may run, and how. */
export interface CommandSettings {
  /** Absolute paths of programs, or of folders whose programs, however deep, are meant. Empty: the mode is off. */
  allow: readonly string[];
  /** Where commands run; null: each attempt in an empty folder of its own, removed behind it. */
  folder: string | null;
  /** Whose rights commands have; null: those of this process. Needs root. */
  user: { uid: number; gid: number } | null;
  /** What sets the limits of commands, from `findLimiter`; null: they have those of this process. */
  limiter: Limiter | null;
  /** Tenants whose jobs may run commands; null: everyone's. */
  tenants: readonly string[] | null;
  /** How long a command that is to end may take before it is killed. Default 10 s. */
  killAfterMs?: number;
}

/** DI token of {@link CommandSettings}. */
export const COMMAND_SETTINGS = Symbol('COMMAND_SETTINGS');
