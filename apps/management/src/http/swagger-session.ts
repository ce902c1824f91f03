interface PageRequest {
  url: string;
  method?: string;
  headers: Record<string, string>;
}

/**
 * Makes the documentation's page write with the session of whoever is signed in. It runs in the browser, from its own
 * text: it may use nothing from outside itself.
 */
export async function addCsrfToken(request: PageRequest): Promise<PageRequest> {
  const isWrite = !['GET', 'HEAD'].includes((request.method ?? 'GET').toUpperCase());
  const hasToken = Object.keys(request.headers).some((name) => name.toLowerCase() === 'authorization');
  if (!isWrite || hasToken) return request;
  const answer = await fetch('/api/ecron-management/v1/auth/me');
  const caller = answer.ok ? ((await answer.json()) as { csrf_token: string }) : { csrf_token: '' };
  if (caller.csrf_token !== '') request.headers['x-csrf-token'] = caller.csrf_token;
  return request;
}
