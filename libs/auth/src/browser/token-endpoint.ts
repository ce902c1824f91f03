import { Agent, type Dispatcher, request } from 'undici';
import { IntrospectionUnavailable } from '../auth-errors.js';
import { SignInError } from './sign-in-errors.js';
import { type SignInSettings } from './sign-in-settings.js';

const TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 65_536;
const MAX_CONNECTIONS = 16;

export interface IssuedToken {
  accessToken: string;
  /** As the token server says; null: it does not. */
  lifetimeS: number | null;
}

/** What the client asks of the token server by itself, behind the browser's back. */
export class TokenEndpoint {
  private readonly agent = new Agent({ connections: MAX_CONNECTIONS, maxResponseSize: MAX_ANSWER_BYTES });

  constructor(private readonly settings: SignInSettings) {}

  /**
   * The token for a code.
   * @throws SignInError where the code is not taken, IntrospectionUnavailable where there is no usable answer
   */
  async exchange(form: Record<string, string>): Promise<IssuedToken> {
    const { status, answer } = await this.ask('/oauth2/token', form).catch((cause: unknown) => {
      throw new IntrospectionUnavailable({ cause });
    });
    if (status === 400 && answer['error'] === 'invalid_grant') throw new SignInError('code refused');
    const { access_token, expires_in } = answer;
    if (status === 200 && typeof access_token === 'string') {
      return { accessToken: access_token, lifetimeS: typeof expires_in === 'number' ? expires_in : null };
    }
    throw new IntrospectionUnavailable({ cause: new Error(`${status} ${String(answer['error'])}`) });
  }

  /** Whether the token server has taken a token back (RFC 7009). */
  async revoke(token: string): Promise<boolean> {
    try {
      return (await this.ask('/oauth2/revoke', { token })).status === 200;
    } catch {
      return false;
    }
  }

  async close(): Promise<void> {
    await this.agent.close();
  }

  private async ask(path: string, form: Record<string, string>) {
    const { statusCode: status, body } = await this.post(path, form);
    const text = await body.text();
    return { status, answer: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
  }

  private post(path: string, form: Record<string, string>): Promise<Dispatcher.ResponseData> {
    const { publicUrl, clientId, clientSecret, clientAuth } = this.settings;
    const isBasic = clientSecret !== null && clientAuth === 'client_secret_basic';
    const own = isBasic
      ? {}
      : { client_id: clientId, ...(clientSecret === null ? {} : { client_secret: clientSecret }) };
    return request(publicUrl + path, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
        ...(isBasic ? { authorization: basic(clientId, clientSecret) } : {}),
      },
      body: new URLSearchParams({ ...form, ...own }).toString(),
      dispatcher: this.agent,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  }
}

/** Both parts are form-encoded first (RFC 6749, 2.3.1). */
function basic(id: string, secret: string): string {
  const [user, password] = [id, secret].map((part) => new URLSearchParams({ part }).toString().slice(5));
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}
