import { key } from './key.js';
import { absolutePath, choice, httpUrl, integer, keyList, text } from './kinds.js';

/** How someone with a browser gets a session: the authorization-code flow at the token server. */
export const SIGN_IN_KEYS = {
  oauth_client_id: key({
    group: 'Signing in',
    kind: text,
    fallback: null,
    fallbackText: 'none: nobody signs in with a browser',
    doc: 'The OAuth2 client that browsers sign in by, with the grant `authorization_code`. Who signs in works in the tenant of that name.',
  }),
  oauth_client_secret: key({
    group: 'Signing in',
    kind: text,
    fallback: null,
    fallbackText: 'none: a public client, PKCE alone',
    doc: 'Its secret.',
  }),
  oauth_client_secret_file: key({
    group: 'Signing in',
    kind: absolutePath,
    fallback: null,
    fallbackText: 'none',
    doc: 'A file that holds the secret and nothing else, in place of `oauth_client_secret`. Read at start.',
  }),
  oauth_client_auth: key({
    group: 'Signing in',
    kind: choice('client_secret_basic', 'client_secret_post'),
    fallback: 'client_secret_basic',
    doc: 'How the secret is shown to the token server: what its `token_endpoint_auth_method` says of this client.',
  }),
  oauth_redirect_url: key({
    group: 'Signing in',
    kind: httpUrl,
    fallback: null,
    fallbackText: 'none; it has to be set where `oauth_client_id` is',
    doc: 'Where the token server sends the browser back to, as it is registered there: the address under which browsers reach this service, and `/api/ecron-management/v1/auth/callback`. Its origin is the only one whose pages may write with a session. With `https` the cookies are for HTTPS only.',
  }),
  oauth_scope: key({
    group: 'Signing in',
    kind: text,
    fallback: null,
    fallbackText: 'none',
    doc: 'Scopes to ask for, with blanks between them.',
  }),
  oauth_public_protocol: key({
    group: 'Signing in',
    kind: choice('http', 'https'),
    fallback: 'http',
    doc: 'Protocol of the public API of the token server, which browsers are sent to and which gives and revokes their tokens.',
  }),
  oauth_public_addr: key({
    group: 'Signing in',
    kind: text,
    fallback: '127.0.0.1',
    doc: 'Host of that public API.',
  }),
  oauth_public_port: key({
    group: 'Signing in',
    kind: integer(1, 65_535),
    fallback: 4444,
    doc: 'Port of that public API.',
  }),
  session_key: key({
    group: 'Signing in',
    kind: keyList,
    fallback: null,
    fallbackText: 'made once and kept in the database',
    doc: 'What session cookies are sealed by: the first seals, all of them open, so a new one is put in front and the old one taken away a day later. Whoever has it can make sessions only of tokens that they have.',
  }),
} as const;
