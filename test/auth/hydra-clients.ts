import { randomUUID } from 'node:crypto';
import { type Endpoints } from '@ecron/testing';
import { HydraClient } from '../support/hydra.js';

type Hydra = Endpoints['hydra'];

/**
 * A client that gets its tokens with its own secret.
 * @param lifespan how long they live, as Go writes it: `3s`
 */
export function createClient(hydra: Hydra, { scope = 'all', lifespan = '1h' } = {}): Promise<HydraClient> {
  return HydraClient.register(hydra, `tenant-${randomUUID().slice(0, 8)}`, {
    grant_types: ['client_credentials'],
    token_endpoint_auth_method: 'client_secret_basic',
    scope,
    client_credentials_grant_access_token_lifespan: lifespan,
  });
}

export async function fetchToken(hydra: Hydra, client: HydraClient, scope = 'all'): Promise<string> {
  const answer = await post(`${hydra.public}/oauth2/token`, client, {
    grant_type: 'client_credentials',
    scope,
  });
  const { access_token } = (await answer.json()) as { access_token?: string };
  if (access_token === undefined) throw new Error(`no token: ${answer.status}`);
  return access_token;
}

export async function revokeToken(hydra: Hydra, client: HydraClient, token: string): Promise<void> {
  const answer = await post(`${hydra.public}/oauth2/revoke`, client, { token });
  if (answer.status !== 200) throw new Error(`not revoked: ${answer.status}`);
}

function post(url: string, { id, secret }: HydraClient, form: Record<string, string>): Promise<Response> {
  const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
  return fetch(url, { method: 'POST', headers: { authorization }, body: new URLSearchParams(form) });
}
