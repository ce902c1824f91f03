import { type TokenVerifier } from '../token-verifier.js';
import { BrowserSessionReader, type SessionRequest } from './browser-session.reader.js';
import { ForeignRequestError } from './sign-in-errors.js';

const ORIGIN = 'https://cron.example';
const SESSION = { token: 'T', csrf: 'C' };
const CALLER = { userId: 'alice', clientId: 'web', isAdmin: false, permissions: [] };

function requestOf(
  method: string,
  headers: Record<string, string>,
  session: Record<string, unknown> = SESSION,
): SessionRequest {
  return { method, headers, params: {}, query: {}, session: { get: (name) => session[name] } };
}

describe('a session', () => {
  let asked: string[];
  let reader: BrowserSessionReader;

  beforeEach(() => {
    asked = [];
    const verify = async (token: string) => {
      asked.push(token);
      return CALLER;
    };
    reader = new BrowserSessionReader(ORIGIN, { verify } as unknown as TokenVerifier);
  });

  it('is worth what its token is worth, asked anew each time', async () => {
    expect(await reader.read(requestOf('GET', {}))).toEqual(CALLER);
    expect(await reader.read(requestOf('GET', { 'sec-fetch-site': 'same-origin' }))).toEqual(CALLER);
    expect(asked).toEqual(['T', 'T']);
  });

  it('is none where the cookie holds none', async () => {
    expect(await reader.read(requestOf('GET', {}, {}))).toBeNull();
    expect(await reader.read({ method: 'GET', headers: {}, params: {}, query: {} })).toBeNull();
    expect(asked).toEqual([]);
  });

  it.each(['POST', 'PUT', 'DELETE', 'PATCH'])('writes by %s only with its CSRF token', async (method) => {
    const own = { origin: ORIGIN, 'sec-fetch-site': 'same-origin' };
    expect(await reader.read(requestOf(method, { ...own, 'x-csrf-token': 'C' }))).toEqual(CALLER);
    for (const headers of [own, { ...own, 'x-csrf-token': '' }, { ...own, 'x-csrf-token': 'D' }])
      await expect(reader.read(requestOf(method, headers))).rejects.toThrow(ForeignRequestError);
  });

  it.each([
    ['another origin', { origin: 'https://evil.example' }],
    ['a page without one', { origin: 'null' }],
    ['another port', { origin: 'https://cron.example:444' }],
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['a neighbour', { 'sec-fetch-site': 'same-site' }],
  ])('does not count in the hands of %s, whatever it shows', async (_, headers) => {
    for (const method of ['GET', 'POST'])
      await expect(reader.read(requestOf(method, { ...headers, 'x-csrf-token': 'C' }))).rejects.toThrow(
        'another origin',
      );
    expect(asked).toEqual([]);
  });
});
