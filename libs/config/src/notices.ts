import { type Group } from './key.js';
import { KEYS } from './keys.js';
import { LEGACY_KEYS } from './legacy-keys.js';
import { dbTypeOf, type Values } from './requirements.js';
import { type Setting } from './sources.js';

/** Keys that are set and have no effect, one line for each reason. */
export function notices(inForce: ReadonlyMap<string, Setting>, values: Values): string[] {
  const byReason = new Map<string, Setting[]>();
  for (const setting of inForce.values()) {
    const reason = reasonOf(setting.key, values);
    if (reason !== null) byReason.set(reason, [...(byReason.get(reason) ?? []), setting]);
  }
  return [...byReason].map(
    ([reason, settings]) => `${settings.map(nameOf).join(', ')}: no effect, ${reason}`,
  );
}

function nameOf({ spelled, source }: Setting): string {
  return `${spelled} (${source})`;
}

function reasonOf(name: string, values: Values): string | null {
  if (name in LEGACY_KEYS) return LEGACY_KEYS[name as keyof typeof LEGACY_KEYS];
  if (!(name in KEYS)) return null;
  const { group, fallback } = KEYS[name as keyof typeof KEYS];
  return values.get(name) === fallback ? null : idleReason(group, values);
}

function idleReason(group: Group, values: Values): string | null {
  if (group === 'Database server' && dbTypeOf(values) === 'sqlite')
    return 'the database is SQLite (db_type: sqlite)';
  if (group === 'Broker' && values.get('mq_connector_type') === 'memory')
    return 'no broker is used (mq_connector_type: memory)';
  if (group === 'TLS' && values.get('ssl_on') === false) return 'TLS is off (ssl_on)';
  if (group === 'Signing in' && values.get('oauth_client_id') === null)
    return 'nobody signs in with a browser (oauth_client_id is not set)';
  return null;
}
