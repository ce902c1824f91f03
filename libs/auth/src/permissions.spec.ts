import { ALL_PERMISSIONS, permissionsOf } from './permissions.js';

const OPEN = { requireScopes: false };
const STRICT = { requireScopes: true };
const OWN = ['ecron.job.read', 'ecron.job.write', 'ecron.job.execute', 'ecron.audit.read'];

describe('the permissions of a token', () => {
  it('are its scopes, and no more than those', () => {
    expect(permissionsOf(['openid', 'ecron.job.read', 'ecron.audit.read'], OPEN)).toEqual([
      'ecron.job.read',
      'ecron.audit.read',
    ]);
    expect(permissionsOf(['ecron.job.write'], STRICT)).toEqual(['ecron.job.write']);
  });

  it('are all of them for an admin', () => {
    expect(permissionsOf(['ecron.admin'], OPEN)).toEqual(ALL_PERMISSIONS);
    expect(permissionsOf(['ecron.job.read', 'ecron.admin'], STRICT)).toEqual(ALL_PERMISSIONS);
  });

  it.each([[[]], [['all', 'offline']], [['ecron', 'xecron.admin', 'ECRON.admin']]])(
    'are all in its own tenant for the scopes %j, unless scopes are required',
    (scopes) => {
      expect(permissionsOf(scopes, OPEN)).toEqual(OWN);
      expect(permissionsOf(scopes, STRICT)).toEqual([]);
    },
  );

  it.each(['ecron.job.raed', 'ecron.', 'ecron.job.read ', 'ecron.adminx'])(
    'are none for the scope "%s", which is meant to be one of ours',
    (scope) => {
      expect(permissionsOf([scope], OPEN)).toEqual([]);
    },
  );
});
