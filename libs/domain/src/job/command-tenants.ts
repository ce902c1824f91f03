/**
 * Whether jobs of a tenant may run commands on the machines of the deployment.
 * @param tenants those that may; null: all of them, where no caller has to say who it is
 */
export function mayRunCommands(tenantId: string, tenants: readonly string[] | null): boolean {
  return tenants === null || tenants.includes(tenantId);
}
