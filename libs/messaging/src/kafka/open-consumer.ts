import { setTimeout as pause } from 'node:timers/promises';
import { type Broker, type Cluster, type Consumer } from 'kafkajs';
import { type KafkaOptions } from './kafka-settings.js';
import { loadKafkajs, openKafka } from './open-kafka.js';

/** The broker answers at once when there is something; else it holds a fetch so long, and a stop waits for it. */
const MAX_WAIT_MS = 100;
/** How soon a member notices that another came or left. */
export const HEARTBEAT_MS = 500;
/** How long a rebalance waits for members that do not come back. */
const REBALANCE_TIMEOUT_MS = 10_000;

/** A consumer, not connected yet, and the connections it will use. */
export interface OpenedConsumer {
  consumer: Consumer;
  cluster: () => Cluster | null;
}

export async function openConsumer(options: KafkaOptions, group: string): Promise<OpenedConsumer> {
  const { roundRobin } = (await loadKafkajs()).PartitionAssigners;
  let cluster: Cluster | null = null;
  const kafka = await openKafka(options);
  const consumer = kafka.consumer({
    groupId: group,
    // Only to those who assign partitions does kafkajs show its connections.
    partitionAssigners: [
      (config) => {
        cluster = config.cluster;
        return roundRobin(config);
      },
    ],
    sessionTimeout: options.sessionTimeoutMs,
    rebalanceTimeout: REBALANCE_TIMEOUT_MS,
    heartbeatInterval: HEARTBEAT_MS,
    maxWaitTimeInMs: MAX_WAIT_MS,
    minBytes: 1,
    allowAutoTopicCreation: false,
    // A session that breaks is replaced as a whole, by a consumer without a past.
    retry: { retries: 5, initialRetryTime: 100, maxRetryTime: 1000, restartOnFailure: async () => false },
  });
  return { consumer, cluster: () => cluster };
}

/** A broker that has started takes a moment before it knows its groups. */
const LEAVE_TRIES = 40;
const LEAVE_PAUSE_MS = 150;

/**
 * Takes a member out that this process was, on a connection that broke: the group would wait for it until its session
 * has expired. Says nothing when that cannot be done: then it does wait.
 */
export async function leaveFor(cluster: Cluster, groupId: string, memberId: string): Promise<void> {
  for (let tries = 1; tries <= LEAVE_TRIES; tries++) {
    if (await tryToLeave(cluster, groupId, memberId)) return;
    await pause(LEAVE_PAUSE_MS);
  }
}

async function tryToLeave(cluster: Cluster, groupId: string, memberId: string): Promise<boolean> {
  try {
    const coordinator = (await cluster.findGroupCoordinator({ groupId })) as Broker & Leaver;
    await coordinator.leaveGroup({ groupId, memberId });
    return true;
  } catch (error) {
    return (error as { type?: string }).type === 'UNKNOWN_MEMBER_ID';
  }
}

/** What a broker of kafkajs 2.2.4 has and does not declare. */
interface Leaver {
  leaveGroup(request: { groupId: string; memberId: string }): Promise<unknown>;
}
