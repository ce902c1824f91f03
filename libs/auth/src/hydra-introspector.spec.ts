import { FakeTokenServer } from '@ecron/testing';
import { IntrospectionUnavailable } from './auth-errors.js';
import { HydraIntrospector } from './hydra-introspector.js';

describe('HydraIntrospector', () => {
  let server: FakeTokenServer;
  let introspector: HydraIntrospector;

  beforeEach(async () => {
    server = new FakeTokenServer();
    introspector = new HydraIntrospector({ url: await server.start() });
  });
  afterEach(async () => {
    await introspector.onModuleDestroy();
    await server.stop();
  });

  it('reads who the token belongs to', async () => {
    server.knows('good', { active: true, client_id: 'tenant', sub: 'user', scope: 'read  write', exp: 1 });
    expect(await introspector.introspect('good')).toEqual({
      active: true,
      clientId: 'tenant',
      subject: 'user',
      scopes: ['read', 'write'],
      expiresAt: 1000,
    });
  });

  it.each([
    ['a list', { ext: { rights: ['two', 3, 'three'] } }, ['one', 'two', 'three']],
    ['a text', { ext: { rights: 'two  three' } }, ['one', 'two', 'three']],
    ['nothing', {}, ['one']],
    ['neither', { ext: { rights: { two: true } } }, ['one']],
    ['something on the way that is no object', { ext: 'rights' }, ['one']],
  ])('reads further scopes from a claim that is %s', async (_case, claims, scopes) => {
    server.knows('good', { active: true, client_id: 'tenant', scope: 'one', ...claims });
    const reader = new HydraIntrospector({ url: server.url, scopeClaim: 'ext.rights' });
    expect(await reader.introspect('good')).toMatchObject({ scopes });
    await reader.onModuleDestroy();
  });

  it('takes no inherited member for a claim', async () => {
    server.knows('good', { active: true, client_id: 'tenant' });
    const reader = new HydraIntrospector({ url: server.url, scopeClaim: 'constructor.name' });
    expect(await reader.introspect('good')).toMatchObject({ scopes: [] });
    await reader.onModuleDestroy();
  });

  it('takes an access token as active where the use is told', async () => {
    server.knows('good', { active: true, client_id: 'tenant', token_use: 'access_token' });
    expect(await introspector.introspect('good')).toMatchObject({ active: true });
  });

  it.each([
    ['an unknown token', {}, { active: false, clientId: '' }],
    ['an answer without active', { client_id: 'tenant' }, { active: false, clientId: 'tenant' }],
    [
      'members of wrong types',
      { active: 'true', client_id: 7, scope: [] },
      { active: false, clientId: '', scopes: [] },
    ],
    [
      'a refresh token',
      { active: true, client_id: 'tenant', token_use: 'refresh_token' },
      { active: false, clientId: 'tenant' },
    ],
    ['a use of a wrong type', { active: true, client_id: 'tenant', token_use: 7 }, { active: false }],
  ])('takes %s as not active', async (_case, answer, expected) => {
    server.knows('token', answer);
    expect(await introspector.introspect('token')).toMatchObject(expected);
  });

  it('sends the token as one form field, whatever it holds', async () => {
    await introspector.introspect('a&b=c+d%é');
    expect(server.bodies).toEqual(['token=a%26b%3Dc%2Bd%25%C3%A9']);
  });

  it('finds the path of Hydra 1 and asks each token once', async () => {
    server.path = '/oauth2/introspect';
    server.knows('good', { active: true, client_id: 'tenant' });
    expect(await introspector.introspect('good')).toMatchObject({ active: true });
    expect(await introspector.introspect('good')).toMatchObject({ active: true });
    expect(server.bodies).toHaveLength(2);
  });

  it('goes on when the server is upgraded meanwhile', async () => {
    server.path = '/oauth2/introspect';
    await introspector.introspect('good');
    server.path = '/admin/oauth2/introspect';
    server.knows('good', { active: true, client_id: 'tenant' });
    expect(await introspector.introspect('good')).toMatchObject({ active: true });
  });

  it.each([
    ['fails', { status: 500, text: '{"active":true,"client_id":"tenant"}' }],
    ['refuses us', { status: 403, text: '' }],
    ['answers no JSON', { status: 200, text: '<html>' }],
    ['answers no object', { status: 200, text: 'null' }],
    ['answers without end', { status: 200, text: `{"active":true,"pad":"${'x'.repeat(70_000)}"}` }],
  ])('is unavailable when the server %s', async (_case, override) => {
    server.override = override;
    await expect(introspector.introspect('good')).rejects.toThrow(IntrospectionUnavailable);
  });

  it('is unavailable when neither path exists', async () => {
    server.path = '/elsewhere';
    await expect(introspector.introspect('good')).rejects.toThrow('token server unavailable');
  });

  it('is unavailable while the server is away', async () => {
    await server.stop();
    await expect(introspector.introspect('good')).rejects.toThrow(IntrospectionUnavailable);
  });
});
