/**
 * Whose rows a query may see. Every store method that reads or changes tenants' rows takes one, so that no
 * query can forget the tenant.
 */
export type TenantScope = { tenantId: string } | { allTenants: true };
