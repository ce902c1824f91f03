import { type JobContext } from '../job/job.js';
import { type Caps, findCapWishes, targetHostOf } from './caps.js';

const contextOf = (exec: string, mode = 'http') => ({ mode, exec }) as JobContext;
const NONE: Caps = { perTenant: null, tenants: {}, perHost: null };

describe('the places that a run needs', () => {
  const wishesOf = (own: Partial<Caps>, tenantId = 'a', context = contextOf('http://target.test/x')) =>
    findCapWishes({ tenantId, context: () => context }, { ...NONE, ...own });

  it('are none where no cap is set', () => {
    expect(wishesOf({})).toEqual([]);
  });

  it('are one of its tenant and one of its host, the tenant first', () => {
    expect(wishesOf({ perTenant: 3, perHost: 5 })).toEqual([
      { reason: 'tenant cap', subject: 'a', limit: 3 },
      { reason: 'host cap', subject: 'target.test', limit: 5 },
    ]);
  });

  it('go by the number that its tenant has of its own, where 0 frees it', () => {
    const tenants = { a: 7, b: 0 };
    expect(wishesOf({ perTenant: 3, tenants })).toMatchObject([{ limit: 7 }]);
    expect(wishesOf({ perTenant: 3, tenants }, 'b')).toEqual([]);
    expect(wishesOf({ perTenant: 3, tenants }, 'constructor')).toMatchObject([{ limit: 3 }]);
    expect(wishesOf({ tenants })).toMatchObject([{ limit: 7 }]);
  });

  it('are none of a host for what calls none', () => {
    expect(wishesOf({ perHost: 5 }, 'a', contextOf('/usr/bin/true', 'exe'))).toEqual([]);
  });
});

describe('the host of a target', () => {
  it.each([
    ['http://Target.TEST:8080/a?b', 'target.test'],
    ['https://target.test/', 'target.test'],
    ['http://0x7f.1/', '127.0.0.1'],
    ['http://[::1]:80/', '[::1]'],
  ])('of %s is %s', (exec, host) => {
    expect(targetHostOf(contextOf(exec))).toBe(host);
  });

  it('cannot be told of what is no URL', () => {
    expect(targetHostOf(contextOf('not a url'))).toBeNull();
  });
});
