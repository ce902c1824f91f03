import { setTimeout as pause } from 'node:timers/promises';
import { type Broker, type Cluster } from '../support/cluster.js';
import { type ClusterNode, type ClusterRole } from '../support/cluster-node.js';
import { type OwnServices } from '../support/services.js';
import { type Cut } from './judge.js';

export const FAULTS = ['broker', 'database', 'analysis', 'management', 'rolling'] as const;
export type FaultName = (typeof FAULTS)[number];

/** What is struck. */
export interface Victims {
  cluster: Cluster;
  services: OwnServices;
  broker: Broker;
}

export interface Fault {
  /** Does it once and puts things back. Resolves with from when until when something was away. `turn` counts from 0. */
  strike(victims: Victims, turn: number): Promise<Cut>;
  /** Which runs it may cut, and so repeat: none, those at the moment of the kill, those of the whole outage. */
  cuts: 'none' | 'at the kill' | 'while away';
  /** No process of ours ends, so none may be declared dead. */
  keepsNodes: boolean;
  /** Quiet afterwards, in which everything must come right: the runs of a dead node have a lease of 15 s. */
  calmMs: number;
  /** How late a first attempt may be at any time; null: as late as the outage is long. */
  latestMs: number | null;
}

const BROKER_AWAY_MS = 30_000;
const NODE_AWAY_MS = 4_000;
/** After the whole second at which everything is due: the batch is under way. */
const INTO_THE_BATCH_MS = 15;

export const FAULT_OF: Record<FaultName, Fault> = {
  broker: {
    strike: ({ services, broker }) =>
      away(
        () => services.crash(broker),
        () => pause(BROKER_AWAY_MS).then(() => services.up(broker)),
      ),
    cuts: 'none',
    keepsNodes: true,
    calmMs: 12_000,
    latestMs: null,
  },
  database: {
    strike: ({ services }) =>
      away(
        () => services.crash('mariadb'),
        () => services.up('mariadb'),
      ),
    cuts: 'while away',
    keepsNodes: true,
    calmMs: 20_000,
    latestMs: null,
  },
  analysis: {
    strike: ({ cluster }, turn) => killNode(cluster, 'analysis', turn),
    cuts: 'none',
    keepsNodes: false,
    calmMs: 6_000,
    latestMs: 3_000,
  },
  management: {
    strike: ({ cluster }, turn) => killNode(cluster, 'management', turn),
    cuts: 'at the kill',
    keepsNodes: false,
    calmMs: 20_000,
    latestMs: 3_000,
  },
  rolling: {
    strike: ({ cluster }) =>
      away(
        async () => {},
        () => restartEach(cluster),
      ),
    cuts: 'none',
    keepsNodes: false,
    calmMs: 5_000,
    latestMs: 1_000,
  },
};

async function away(take: () => Promise<void>, giveBack: () => Promise<void>): Promise<Cut> {
  const from = Date.now();
  await take();
  await giveBack();
  return { from, to: Date.now() };
}

/** In the middle of a batch; each turn another one. */
async function killNode(cluster: Cluster, role: ClusterRole, turn: number): Promise<Cut> {
  const nodes = cluster.of(role);
  const victim = nodes[turn % nodes.length] as ClusterNode;
  await pause(1000 - (Date.now() % 1000) + INTO_THE_BATCH_MS);
  return away(
    () => victim.kill(),
    () => pause(NODE_AWAY_MS).then(() => cluster.bootNode(victim)),
  );
}

/** One after the other, as a deployment does it: the next when the one before is ready. */
async function restartEach(cluster: Cluster): Promise<void> {
  for (const node of cluster.nodes) {
    await node.stop();
    await cluster.bootNode(node);
  }
}
