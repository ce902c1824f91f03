import { GROUPS, type Key } from './key.js';
import { KEYS } from './keys.js';
import { LEGACY_KEYS } from './legacy-keys.js';

type AnyKey = Key<unknown, string | number | boolean | null>;

const INTRODUCTION = `# Configuration

Generated from the schema in \`libs/config\` by \`npm run generate\`; edit it there.

Nothing has to be set. Values come from these sources, later ones win:

1. \`cronsvr.yaml\` in the working directory, or the file that the variable \`ECRON_CONFIG\` names (which then has to exist)
2. \`cronsvr-secret.yaml\` beside it, where present
3. \`mq_config.yaml\` beside it, where present (\`mqHost\`, \`mqPort\`, \`mqLookupdHost\`, \`mqLookupdPort\`, \`mqType\`, \`auth.username\`, \`auth.password\`, \`auth.mechanism\`)
4. environment variables: \`ECRON_\` and the key in upper case, such as \`ECRON_CRON_PORT\`

An empty value counts as not set. All that is wrong is reported at once, by key and rule, never with the value, and
the process does not start; an unknown key is an error too.`;

/** The text of docs/configuration.md. */
export function configReference(): string {
  const groups = GROUPS.map((group) => `## ${group}\n\n${keysOf(group).map(describeKey).join('\n\n')}`);
  return [INTRODUCTION, ...groups, legacySection()].join('\n\n') + '\n';
}

/** A cronsvr.yaml with every key at its default, commented out; cronsvr.yaml of this repository. */
export function configSample(): string {
  const groups = GROUPS.map((group) => `# ${group}\n${keysOf(group).map(sampleLine).join('\n')}`);
  return (
    [
      '# Every key and its default, written by `npm run generate`; docs/configuration.md says what each means.',
      ...groups,
    ].join('\n\n') + '\n'
  );
}

function keysOf(group: string): [string, AnyKey][] {
  return Object.entries<AnyKey>(KEYS).filter(([, key]) => key.group === group);
}

function describeKey([name, { kind, doc, ...key }]: [string, AnyKey]): string {
  const fallback = key.fallbackText ?? `\`${String(key.fallback)}\``;
  return `### \`${name}\`\n\n${doc}\n\nMust be ${kind.rule}. Default: ${fallback}.`;
}

function sampleLine([name, key]: [string, AnyKey]): string {
  return key.fallback === null
    ? `# ${name}: # left out: ${key.fallbackText?.replaceAll('`', '') ?? ''}`
    : `# ${name}: ${key.fallback === '' ? '""' : String(key.fallback)}`;
}

function legacySection(): string {
  const lines = Object.entries(LEGACY_KEYS).map(([name, reason]) => `- \`${name}\`: ${reason}`);
  return `## Accepted without effect\n\nKeys of older deployments. Those that are set get one line a reason in the log at the start.\n\n${lines.join('\n')}`;
}
