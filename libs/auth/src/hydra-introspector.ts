import { type OnModuleDestroy } from '@nestjs/common';
import { Agent, type Dispatcher, request } from 'undici';
import { IntrospectionUnavailable } from './auth-errors.js';
import { scopesAt } from './scope-claim.js';
import { type Introspection, TokenIntrospector } from './token-introspector.js';

/** Hydra 2, then Hydra 1. */
const PATHS = ['/admin/oauth2/introspect', '/oauth2/introspect'];
const NO_SUCH_PATH = [404, 405];
/** What `token_use` says of it; a refresh token is introspected as active too, and is for no API. */
const ACCESS_TOKEN = 'access_token';
const SCOPE = 'scope';
const MAX_ANSWER_BYTES = 65_536;
const MAX_CONNECTIONS = 64;

export interface HydraOptions {
  /** Base URL of the admin API, without a trailing slash. */
  url: string;
  /** For the whole answer, in milliseconds; default 5 000. */
  timeoutMs?: number;
  /** Path into the answer where further scopes stand; null or left out: none. */
  scopeClaim?: string | null;
}

/** Introspection at Hydra's admin API. Which version answers is found out by the first call that succeeds. */
export class HydraIntrospector extends TokenIntrospector implements OnModuleDestroy {
  private readonly agent = new Agent({ connections: MAX_CONNECTIONS });
  private paths = PATHS;

  constructor(private readonly options: HydraOptions) {
    super();
  }

  async introspect(token: string): Promise<Introspection> {
    try {
      return readIntrospection(await this.ask(token), this.options.scopeClaim ?? null);
    } catch (cause) {
      throw new IntrospectionUnavailable({ cause });
    }
  }

  async onModuleDestroy(): Promise<void> {
    await this.agent.close();
  }

  /** Both paths are tried, the one that last answered first: the server may be upgraded while we run. */
  private async ask(token: string): Promise<unknown> {
    for (const path of this.paths) {
      const { statusCode, body } = await this.post(path, token);
      const answer = await readBounded(body);
      if (statusCode === 200) {
        this.paths = [path, ...PATHS.filter((other) => other !== path)];
        return JSON.parse(answer);
      }
      if (!NO_SUCH_PATH.includes(statusCode)) throw new Error(`status ${statusCode}`);
    }
    throw new Error('no introspection at this address');
  }

  private post(path: string, token: string): Promise<Dispatcher.ResponseData> {
    return request(this.options.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: new URLSearchParams({ token }).toString(),
      dispatcher: this.agent,
      signal: AbortSignal.timeout(this.options.timeoutMs ?? 5000),
    });
  }
}

async function readBounded(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > MAX_ANSWER_BYTES) throw new Error('the answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function readIntrospection(answer: unknown, scopeClaim: string | null): Introspection {
  if (typeof answer !== 'object' || answer === null) throw new Error('the answer is no object');
  const claims = answer as Record<string, unknown>;
  const { active, client_id, sub, exp, token_use = ACCESS_TOKEN } = claims;
  return {
    active: active === true && token_use === ACCESS_TOKEN,
    clientId: textOrEmpty(client_id),
    subject: textOrEmpty(sub),
    scopes: [...scopesAt(claims, SCOPE), ...(scopeClaim === null ? [] : scopesAt(claims, scopeClaim))],
    expiresAt: typeof exp === 'number' ? exp * 1000 : null,
  };
}

function textOrEmpty(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
