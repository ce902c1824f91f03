import { type Kind } from './kinds.js';

/** One configuration key. `fallback` is what holds when no source sets it; null leaves the choice to the process. */
export interface Key<T, F> {
  readonly group: Group;
  readonly kind: Kind<T>;
  readonly fallback: F;
  /** How the reference words the fallback where the value alone would not tell. */
  readonly fallbackText?: string;
  /** Markdown for the reference: meaning, special values, neighbours. */
  readonly doc: string;
}

export const GROUPS = [
  'Addresses',
  'HTTP',
  'TLS',
  'Jobs',
  'Tenants',
  'Commands',
  'Kubernetes',
  'Result webhooks',
  'Storage',
  'Database server',
  'Messages',
  'Broker',
  'Authentication',
  'Signing in',
  'Traces',
  'Process',
] as const;
export type Group = (typeof GROUPS)[number];

export function key<T, const F extends T | null>(spec: Key<T, F>): Key<T, F> {
  return spec;
}
