import { type ApiPod, type ContainerStatus } from './api/objects.js';

/** How the container of an attempt ended. */
export interface ContainerEnd {
  exitCode: number;
  /** Such as `OOMKilled`; '' where the exit code says it all. */
  reason: string;
}

const USUAL_ENDS = new Set(['Completed', 'Error', '']);

/** The container of the attempt is the pod's first; null: the node has not reported on it. */
function mainOf(pod: ApiPod, container: string): ContainerStatus | null {
  return pod.status?.containerStatuses?.find((status) => status.name === container) ?? null;
}

/** Whether it has written anything that can be read. */
export function hasStarted(pod: ApiPod, container: string): boolean {
  const state = mainOf(pod, container)?.state;
  return state?.running !== undefined || state?.terminated !== undefined;
}

/** Null: it has not ended, as far as is known. */
export function endOf(pod: ApiPod, container: string): ContainerEnd | null {
  const ended = mainOf(pod, container)?.state?.terminated;
  if (ended === undefined) return null;
  const reason = ended.reason ?? '';
  return { exitCode: ended.exitCode, reason: USUAL_ENDS.has(reason) ? '' : reason };
}

/** Why a pod's container does not run (yet), for people; '': nothing is known. */
export function whyNotStarted(pod: ApiPod): string {
  const { containerStatuses = [], initContainerStatuses = [], conditions = [] } = pod.status ?? {};
  const waiting = [...initContainerStatuses, ...containerStatuses].find(
    ({ state }) => state?.waiting?.reason !== undefined && state.waiting.reason !== 'PodInitializing',
  )?.state?.waiting;
  const unscheduled = conditions.find((one) => one.type === 'PodScheduled' && one.status === 'False');
  const why = waiting ?? unscheduled;
  return why === undefined ? '' : [why.reason, why.message].filter(Boolean).join(': ');
}
