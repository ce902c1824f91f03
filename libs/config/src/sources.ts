import { readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { type Document, LineCounter, parseDocument, visit } from 'yaml';
import { type Problem } from './config-error.js';

/** One raw value and who gave it. `spelled` is the key as written there. */
export interface Setting {
  readonly key: string;
  readonly spelled: string;
  readonly value: unknown;
  readonly source: string;
}

export interface Sources {
  readonly settings: readonly Setting[];
  readonly problems: readonly Problem[];
}

export type Environment = Readonly<Record<string, string | undefined>>;

const PREFIX = 'ECRON_';
const FILE_VARIABLE = 'ECRON_CONFIG';

/** Names that a Kubernetes cluster puts into every container for a service called `ecron-…`. */
const SERVICE_LINK =
  /^ECRON_(?:\w+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT(?:_\d+_(?:TCP|UDP|SCTP)\w*)?)$/;

/** What the scripts and tests of this repository go by; who exports it for them starts the services too. */
const SCRIPT_VARIABLE = /^ECRON_(?:SERVICES|TEST)_/;

/** `mq_config.yaml` has names of its own. */
const MQ_FILE_KEYS = new Map([
  ['mqHost', 'mq_host'],
  ['mqPort', 'mq_port'],
  ['mqLookupdHost', 'mq_lookupd_host'],
  ['mqLookupdPort', 'mq_lookupd_port'],
  ['mqType', 'mq_connector_type'],
  ['auth.username', 'mq_username'],
  ['auth.password', 'mq_password'],
  ['auth.mechanism', 'mq_mechanism'],
]);

/**
 * Everything that is set, weakest source first: the main file, the two files beside it, the environment.
 * Only a file that `ECRON_CONFIG` names has to exist.
 */
export function readSources(env: Environment, cwd: string, isKey: (name: string) => boolean): Sources {
  const named = env[FILE_VARIABLE] ?? '';
  const main = resolve(cwd, named === '' ? 'cronsvr.yaml' : named);
  const beside = (name: string) => join(dirname(main), name);
  const parts = [
    readFile(main, named !== ''),
    readFile(beside('cronsvr-secret.yaml'), false),
    renamed(readFile(beside('mq_config.yaml'), false)),
    { settings: readEnvironment(env, isKey), problems: [] },
  ];
  return {
    settings: parts.flatMap((part) => part.settings).filter(({ value }) => value !== null && value !== ''),
    problems: parts.flatMap((part) => part.problems),
  };
}

function readEnvironment(env: Environment, isKey: (name: string) => boolean): Setting[] {
  return Object.entries(env).flatMap(([name, value]) => {
    if (!name.startsWith(PREFIX) || name === FILE_VARIABLE) return [];
    const key = name.slice(PREFIX.length).toLowerCase();
    return (SERVICE_LINK.test(name) || SCRIPT_VARIABLE.test(name)) && !isKey(key)
      ? []
      : [{ key, spelled: key, value: value ?? '', source: name }];
  });
}

function readFile(path: string, mustExist: boolean): Sources {
  const source = basename(path);
  try {
    return parseFile(readFileSync(path, 'utf8'), source);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    if (code === 'ENOENT' && !mustExist) return { settings: [], problems: [] };
    return { settings: [], problems: [{ key: '', rule: `cannot be read (${code})`, source }] };
  }
}

function parseFile(content: string, source: string): Sources {
  const lines = new LineCounter();
  // Pretty errors would quote the line, and with it a secret.
  const document = parseDocument(content, { prettyErrors: false, lineCounter: lines });
  const problems = document.errors.map(({ code, pos }) => ({
    key: '',
    rule: `is not valid YAML at line ${lines.linePos(pos[0]).line} (${code})`,
    source,
  }));
  if (problems.length > 0) return { settings: [], problems };
  keepSpelling(document);
  const parsed = document.toJS() as unknown;
  if (parsed === null) return { settings: [], problems };
  if (!isObject(parsed))
    return { settings: [], problems: [{ key: '', rule: 'must hold keys and values', source }] };
  return {
    settings: Object.entries(parsed).map(([key, value]) => ({ key, spelled: key, value, source })),
    problems,
  };
}

/** A password such as 0123 is its characters, whether it is quoted or not. */
function keepSpelling(document: Document): void {
  visit(document, {
    Scalar: (_, scalar) => {
      const isWord = ['number', 'boolean', 'bigint'].includes(typeof scalar.value);
      if (isWord && scalar.source !== undefined) scalar.value = scalar.source;
    },
  });
}

function renamed({ settings, problems }: Sources): Sources {
  const flat = settings.flatMap((setting) =>
    setting.key === 'auth' && isObject(setting.value)
      ? Object.entries(setting.value).map(([name, value]) => ({ ...setting, spelled: `auth.${name}`, value }))
      : [setting],
  );
  return {
    settings: flat.map((setting) => ({
      ...setting,
      key: MQ_FILE_KEYS.get(setting.spelled) ?? setting.spelled,
    })),
    problems,
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
