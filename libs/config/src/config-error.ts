/** One thing that is wrong with the configuration. Values never appear: some are secret. */
export interface Problem {
  /** The key as its source spells it; '' when the source as a whole is at fault. */
  readonly key: string;
  /** What does not hold, as a sentence without its subject. */
  readonly rule: string;
  /** The file or the environment variable. */
  readonly source: string;
}

/** Thrown once at start with everything that is wrong, so that one round of mending is enough. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly Problem[]) {
    super(['the configuration cannot be used:', ...problems.map(line)].join('\n  '));
    this.name = 'ConfigError';
  }
}

function line({ key, rule, source }: Problem): string {
  return key === '' ? `${source} ${rule}` : `${key} (${source}) ${rule}`;
}
