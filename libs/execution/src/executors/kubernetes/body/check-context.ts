import { type ContextFault, type JobContext } from '@ecron/domain';
import { bodyRule } from './body-rules.js';
import { type ClusterPlace, readPlace } from './place.js';

const BODY = 'job_context.info.body';

/** What is wrong with a command that is to run in a cluster; null: nothing. */
export function checkClusterContext(context: JobContext, namespace: string | null): ContextFault | null {
  const place = readPlace(context);
  if ('rule' in place) return place;
  return checkWork(context, place, namespace);
}

/** Of what runs there: the body, else image and command. */
export function checkWork(
  context: JobContext,
  place: ClusterPlace,
  namespace: string | null,
): ContextFault | null {
  if (hasBody(context)) return bodyRule(namespace)(context.info.body ?? {}, BODY);
  return place.image === ''
    ? { path: 'job_context.info.kubernetes.image', rule: 'must not be empty where info.body is' }
    : null;
}

export function hasBody({ info }: JobContext): boolean {
  return info.body !== null && Object.keys(info.body).length > 0;
}
