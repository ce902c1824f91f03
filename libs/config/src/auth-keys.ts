import { key } from './key.js';
import { flag, integer, memberPath, secretPair } from './kinds.js';

/** What a token allows, and what lets a target call back without one. */
export const AUTH_KEYS = {
  auth_cache_s: key({
    group: 'Authentication',
    kind: integer(0, 60),
    fallback: 60,
    doc: 'How long the token server is believed that a token is active, in seconds, and never beyond the end of the token: so long a revoked token goes on counting. 0 asks anew for each call.',
  }),
  auth_scope_claim: key({
    group: 'Authentication',
    kind: memberPath,
    fallback: null,
    fallbackText: 'none',
    doc: 'Path into the answer of the token server where permissions stand beside those in `scope`, such as `ext.permissions`: one text with blanks between them, or a list of texts.',
  }),
  require_scopes: key({
    group: 'Authentication',
    kind: flag,
    fallback: false,
    doc: 'What a token without any scope of ours (`ecron.…`) may do: nothing, or, when false, everything in its own tenant, as clients of older versions expect. See [authorization.md](authorization.md).',
  }),
  callback_secret: key({
    group: 'Authentication',
    kind: secretPair,
    fallback: null,
    fallbackText: 'one that the service makes once and keeps in its database',
    doc: 'What the key in the address that targets report results to (`webhook`) is made from. With two, the first makes keys and both are taken: put a new one in front, and leave the old one there until no run is under way that began with it. The same on every node.',
  }),
} as const;
