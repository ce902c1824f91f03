import { type App } from '../test/support/app.js';
import { Cluster } from '../test/support/cluster.js';
import { OwnServices } from '../test/support/services.js';
import { onStage } from '../test/support/stage.js';
import { Standalone } from '../test/support/standalone.js';
import { type Target } from '../test/support/target.js';
import { type NamedProcess } from './cpu.js';

/** What a bench can run on: one process, or two nodes of each service over components of their own. */
export const SYSTEMS = ['sqlite', 'mariadb+nsq', 'mariadb+kafka'] as const;
export type SystemName = (typeof SYSTEMS)[number];

export interface System {
  name: SystemName;
  app: App;
  target: Target;
  /** All of them, the components' and the target's too. */
  processes: NamedProcess[];
}

/** Starts the system with a target, lends both, and takes everything down. */
export async function onSystem<T>(name: SystemName, use: (system: System) => Promise<T>): Promise<T> {
  return name === 'sqlite' ? onSqlite(use) : onCluster(name, use);
}

async function onSqlite<T>(use: (system: System) => Promise<T>): Promise<T> {
  return onStage(
    () => Standalone.start(),
    (app, target) =>
      use({ name: 'sqlite', app, target, processes: [{ name: 'standalone', pid: app.pid }, nameOf(target)] }),
  );
}

async function onCluster<T>(
  name: 'mariadb+nsq' | 'mariadb+kafka',
  use: (system: System) => Promise<T>,
): Promise<T> {
  const broker = name === 'mariadb+nsq' ? 'nsq' : 'kafka';
  const services = await OwnServices.start(['mariadb', broker]);
  try {
    return await onStage(
      () => Cluster.start({ broker, env: { ECRON_NODE_CONCURRENCY: '2000' } }),
      async (app, target) => {
        const processes = [...app.nodes, ...(await services.processes()), nameOf(target)];
        return use({ name, app, target, processes });
      },
    );
  } finally {
    await services.discard();
  }
}

const nameOf = (target: Target): NamedProcess => ({ name: 'target', pid: target.pid });
