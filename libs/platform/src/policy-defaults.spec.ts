import { loadConfig } from '@ecron/config';
import { tmpdir } from 'node:os';
import { policyDefaults } from './policy-defaults.js';

describe('the caps of a deployment', () => {
  const capsOf = (env: Record<string, string>) => policyDefaults(loadConfig(env, tmpdir()), null).caps;

  it('are none where all keys are 0, so that nothing is counted', () => {
    expect(capsOf({})).toBeUndefined();
    expect(capsOf({ ECRON_TENANT_CONCURRENCY_OVERRIDES: 'a=0' })).toBeUndefined();
  });

  it('hold as soon as one key sets a limit', () => {
    expect(capsOf({ ECRON_HOST_CONCURRENCY: '5' })).toEqual({ perTenant: null, tenants: {}, perHost: 5 });
    expect(capsOf({ ECRON_TENANT_CONCURRENCY: '3', ECRON_TENANT_CONCURRENCY_OVERRIDES: 'a=0' })).toEqual({
      perTenant: 3,
      tenants: { a: 0 },
      perHost: null,
    });
    expect(capsOf({ ECRON_TENANT_CONCURRENCY_OVERRIDES: 'a=9' })).toMatchObject({ tenants: { a: 9 } });
  });
});
