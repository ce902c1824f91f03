import { type App } from './app.js';
import { type Broker, Cluster } from './cluster.js';
import { Standalone } from './standalone.js';

/** `nsq` or `kafka`: the suite runs against two nodes of each service. Else against one process. */
const BROKER = process.env['ECRON_TEST_CLUSTER'] ?? '';

/** The program that a suite of the contract is run against. `env`: configuration keys over the defaults. */
export function startApp(env: Record<string, string> = {}): Promise<App> {
  if (BROKER === '') return Standalone.start(env);
  if (BROKER !== 'nsq' && BROKER !== 'kafka') throw new Error('ECRON_TEST_CLUSTER is nsq or kafka');
  const spokenTo = Number(process.env['ECRON_TEST_CLUSTER_NODE'] ?? 0);
  return Cluster.start({ broker: BROKER satisfies Broker, env, spokenTo });
}

/** A cluster notices the death of all its nodes by their leases only. */
export const PATIENCE = BROKER === '' ? 1 : 4;
