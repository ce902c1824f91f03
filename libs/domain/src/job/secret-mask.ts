import { type JobContext } from './job.js';

/** What stands for a secret wherever a context is shown. Sent back in an edit, it keeps the secret that is stored. */
export const SECRET_MASK = '********';

/** The context as anyone but its executor may see it. */
export function maskContext<T extends Pick<JobContext, 'info'>>(context: T): T {
  const { tls } = context.info;
  if (tls?.key === undefined) return context;
  return { ...context, info: { ...context.info, tls: { ...tls, key: SECRET_MASK } } };
}
