/** A host as a URL shows it (lower case, ASCII), without the dot that may end a full name. */
export function normalizeHost(host: string): string {
  const bracketed = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  const shown = URL.parse(`http://${bracketed}/`)?.hostname ?? host.toLowerCase();
  return shown.replace(/\.$/, '');
}
