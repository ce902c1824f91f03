/** What a caller may be allowed to do, as the scopes of a token name it. Each stands for itself; the last for all. */
export const PERMISSIONS = {
  'ecron.job.read': 'See jobs, slots, executions and outputs',
  'ecron.job.write': 'Create, change and delete jobs',
  'ecron.job.execute': 'Run jobs, cancel executions, report results',
  'ecron.audit.read': 'See who changed what',
  'ecron.admin': 'Everything, in every tenant',
} as const;
export type Permission = keyof typeof PERMISSIONS;

const PREFIX = 'ecron.';
export const ALL_PERMISSIONS = Object.keys(PERMISSIONS) as readonly Permission[];
const OWN_TENANT: readonly Permission[] = ALL_PERMISSIONS.filter((one) => one !== 'ecron.admin');

export interface PermissionPolicy {
  /** Whether a token without any scope of ours may do nothing; else it may do everything in its own tenant. */
  requireScopes: boolean;
}

/** A scope with our prefix that is not known is one of ours all the same, and allows nothing. */
export function permissionsOf(
  scopes: readonly string[],
  { requireScopes }: PermissionPolicy,
): readonly Permission[] {
  const ours = scopes.filter((scope) => scope.startsWith(PREFIX));
  if (ours.length === 0) return requireScopes ? [] : OWN_TENANT;
  if (ours.includes('ecron.admin')) return ALL_PERMISSIONS;
  return OWN_TENANT.filter((permission) => ours.includes(permission));
}
