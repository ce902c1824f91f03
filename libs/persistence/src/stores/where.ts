import { type TenantScope } from '@ecron/domain';
import { type SqlValue } from '../sql/sql.js';
import { inScope } from './mapping.js';

/** The conditions of a query on executions (`e`), beginning with the tenant's. */
export class Where {
  private readonly conditions: string[];
  readonly values: SqlValue[];

  constructor(scope: TenantScope) {
    const tenant = inScope(scope, 'e');
    this.conditions = [tenant.sql];
    this.values = [...tenant.values];
  }

  and(condition: string, ...values: SqlValue[]): this {
    this.conditions.push(condition);
    this.values.push(...values);
    return this;
  }

  in(column: string, values: readonly SqlValue[]): this {
    return this.and(`${column} IN (${values.map(() => '?').join(',') || 'NULL'})`, ...values);
  }

  get sql(): string {
    return this.conditions.join(' AND ');
  }
}
