/** Stands for whatever origin we have: a path that leads away from it leads away from ours. */
const HERE = 'http://here.invalid';
const MAX_CHARS = 1024;

/**
 * Where a browser is sent after it has signed in: a path on our own origin, so that no link of somebody else's leads
 * through our sign-in to a page of theirs. Everything else is `fallback`.
 */
export function returnPath(wanted: unknown, fallback: string): string {
  if (typeof wanted !== 'string' || wanted.length > MAX_CHARS || !wanted.startsWith('/')) return fallback;
  // Browsers drop control characters and take a backslash for a slash before they read a URL.
  if (/[\p{Cc}\\]/u.test(wanted) || !URL.canParse(wanted, HERE)) return fallback;
  const url = new URL(wanted, HERE);
  const path = url.pathname + url.search + url.hash;
  return url.origin === HERE && !path.startsWith('//') ? path : fallback;
}
