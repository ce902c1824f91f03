const SECRET_NAMES = [
  'authorization',
  'cookie',
  'set-cookie',
  'key',
  'secret',
  'secret_key',
  'client_secret',
  'token',
  'access_token',
  'refresh_token',
  'metrics_token',
  'password',
  'user_pwd',
];

/** Members of these names, at the top of a line or up to two levels below, are written as `[Redacted]`. */
export const SECRET_PATHS = ['', '*', '*.*'].flatMap((depth) =>
  SECRET_NAMES.map((name) => `${depth}["${name}"]`),
);

/** In a URL's query: what callers, targets and receivers prove themselves with. */
const QUERY_SECRET = /([?&](?:[\w-]*(?:key|token|secret|password|passwd|signature)|sig|code)=)[^&#\s"'\\]+/gi;
/** `user:password@` in a URL. */
const USER_INFO = /(:\/\/)[^\s/@"'\\]+@/g;
const BEARER = /\b(bearer|basic) +[\w.~+/=-]{8,}/gi;

/** A line without what its texts quote of secrets: values in queries, accounts in URLs, tokens. */
export function redactText(line: string): string {
  return line
    .replace(QUERY_SECRET, '$1[Redacted]')
    .replace(USER_INFO, '$1[Redacted]@')
    .replace(BEARER, '$1 [Redacted]');
}
