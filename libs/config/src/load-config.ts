import { resolve } from 'node:path';
import { type Config } from './config.js';
import { ConfigError, type Problem } from './config-error.js';
import { KEYS, type KeyName } from './keys.js';
import { httpUrl, isTimeZone } from './kinds.js';
import { LEGACY_KEYS } from './legacy-keys.js';
import { nearest } from './nearest.js';
import { notices } from './notices.js';
import { dbTypeOf, unmetRequirements } from './requirements.js';
import { type Environment, readSources, type Setting } from './sources.js';

const ALL_KEYS = [...Object.keys(KEYS), ...Object.keys(LEGACY_KEYS)];

/**
 * Reads cronsvr.yaml (or the file that `ECRON_CONFIG` names), cronsvr-secret.yaml and mq_config.yaml beside it
 * and the `ECRON_` variables; later sources win, an empty value counts as not set.
 * @param cwd what relative paths count from, `data_dir` included.
 * @throws ConfigError with all problems at once.
 */
export function loadConfig(env: Environment, cwd: string): Config {
  const { settings, problems } = readSources(env, cwd, (name) => ALL_KEYS.includes(name));
  const inForce = new Map(settings.map((setting) => [setting.key, setting]));
  const values = new Map(
    Object.keys(KEYS).map((name) => [name, readValue(name as KeyName, inForce.get(name))]),
  );
  const found = [
    ...problems,
    ...unknownKeys(settings),
    ...brokenRules(inForce, values),
    ...unmetRequirements(inForce, values),
  ];
  if (found.length > 0) throw new ConfigError(found);
  const own = Object.fromEntries([...values].map(([name, value]) => [camelCase(name), value]));
  return Object.freeze({
    ...own,
    ...derived(env, cwd, values),
    notices: Object.freeze(notices(inForce, values)),
  }) as Config;
}

function readValue(name: KeyName, setting: Setting | undefined): unknown {
  const { kind, fallback } = KEYS[name];
  return setting === undefined ? fallback : kind.read(setting.value);
}

function derived(env: Environment, cwd: string, values: ReadonlyMap<string, unknown>): Partial<Config> {
  const { TZ = '' } = env;
  return {
    timeZone: (values.get('time_zone') as string | null) ?? (isTimeZone(TZ) ? TZ : 'UTC'),
    traceOtlpUrl: (values.get('trace_otlp_url') as string | null) ?? collectorUrl(env),
    dataDir: resolve(cwd, values.get('data_dir') as string),
    dbType: dbTypeOf(values),
  };
}

/** As the variables of OpenTelemetry say it, which clusters put into every container. */
function collectorUrl({
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: forTraces = '',
  OTEL_EXPORTER_OTLP_ENDPOINT: forAll = '',
}: Environment): string | null {
  const url = forTraces === '' && forAll !== '' ? `${forAll.replace(/\/$/, '')}/v1/traces` : forTraces;
  return httpUrl.read(url) ?? null;
}

function unknownKeys(settings: readonly Setting[]): Problem[] {
  return settings
    .filter(({ key }) => !ALL_KEYS.includes(key))
    .map(({ spelled, source }) => {
      const meant = nearest(spelled, ALL_KEYS);
      return { key: spelled, source, rule: `is not a known key${meant ? `; did you mean ${meant}?` : ''}` };
    });
}

function brokenRules(inForce: ReadonlyMap<string, Setting>, values: ReadonlyMap<string, unknown>): Problem[] {
  return [...values].flatMap(([name, value]) => {
    const setting = inForce.get(name);
    if (value !== undefined || setting === undefined) return [];
    return [
      { key: setting.spelled, source: setting.source, rule: `must be ${KEYS[name as KeyName].kind.rule}` },
    ];
  });
}

function camelCase(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
