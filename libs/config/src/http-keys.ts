import { key } from './key.js';
import { cidrList, flag, integer, originList, text } from './kinds.js';

/** What the management service does for those who call it, and against those who should not. */
export const HTTP_KEYS = {
  cors_origins: key({
    group: 'HTTP',
    kind: originList,
    fallback: null,
    fallbackText: 'none: no page of another origin may read an answer',
    doc: 'Origins whose pages may call the API with a token. Session cookies never count there. Without authentication pages of other origins are refused whatever this says.',
  }),
  trusted_proxies: key({
    group: 'HTTP',
    kind: cidrList,
    fallback: null,
    fallbackText: 'none: the caller is whoever is connected',
    doc: 'Proxies whose `X-Forwarded-For` is believed when callers are counted for `rate_limit_address`. Behind a proxy that is not named here all callers are one address.',
  }),
  rate_limit_caller: key({
    group: 'HTTP',
    kind: integer(0, 1_000_000),
    fallback: 500,
    doc: 'Requests a second that one token or session may make to one node, over 10 s: ten times as many at once are fine. What is more is 429 with `Retry-After`. 0: any number. Health is not counted.',
  }),
  rate_limit_address: key({
    group: 'HTTP',
    kind: integer(0, 1_000_000),
    fallback: 2000,
    doc: 'The same for one address, or one /64 of IPv6, with and without tokens.',
  }),
  ssl_on: key({
    group: 'TLS',
    kind: flag,
    fallback: false,
    doc: 'Whether the management service and the standalone process speak HTTPS on `cron_port`, and nothing else there. Health of the analysis service stays HTTP.',
  }),
  cert_file: key({
    group: 'TLS',
    kind: text,
    fallback: null,
    fallbackText: 'none',
    doc: 'Its certificate in PEM, with the intermediate ones behind it. A renewed file is taken up within 10 s, together with `key_file`; one that cannot be used is logged and the old one kept.',
  }),
  key_file: key({
    group: 'TLS',
    kind: text,
    fallback: null,
    fallbackText: 'none',
    doc: 'The private key of that certificate in PEM, without a passphrase.',
  }),
} as const;
