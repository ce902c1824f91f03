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

  it('are those of starts alone where no other key is set', () => {
    const starts = { perTenant: 5, tenants: { a: 0 } };
    expect(
      capsOf({ ECRON_TENANT_STARTS_PER_MINUTE: '5', ECRON_TENANT_STARTS_PER_MINUTE_OVERRIDES: 'a=0' }),
    ).toEqual({ perTenant: null, tenants: {}, perHost: null, starts });
  });
});

describe('the quotas of a deployment', () => {
  const quotasOf = (env: Record<string, string>) => policyDefaults(loadConfig(env, tmpdir()), null).quotas;

  it('are none where no key sets a limit, so that nothing is counted', () => {
    expect(quotasOf({})).toBeUndefined();
    expect(quotasOf({ ECRON_TENANT_JOBS_OVERRIDES: 'a=0' })).toBeUndefined();
  });

  it('are those whose keys set a limit, for everybody or for one tenant', () => {
    expect(quotasOf({ ECRON_TENANT_JOBS: '9' })).toEqual({ jobs: { perTenant: 9, tenants: {} } });
    expect(quotasOf({ ECRON_TENANT_REQUESTS_PER_MINUTE_OVERRIDES: 'a=2' })).toEqual({
      requests: { perTenant: null, tenants: { a: 2 } },
    });
  });
});
