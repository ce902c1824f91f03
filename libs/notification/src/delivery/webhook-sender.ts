import { connectOptions, describeTransportError, TargetRefused } from '@ecron/execution';
import { Inject, Injectable } from '@nestjs/common';
import { Agent, type Dispatcher } from 'undici';
import { NOTIFICATION_SETTINGS, type NotificationSettings } from '../notification-settings.js';

const TIMEOUT_MS = 20_000;
/** Of an answer's body, which is read only so that its connection can be used again. */
const DRAIN_LIMIT_BYTES = 16_384;

export interface Answer {
  statusCode: number;
  /** As the receiver sent it, '' where it sent none. */
  retryAfter: string;
}

/** No answer came; `isRefused`: nothing was sent, and nothing ever will be to this address. */
export interface SendFault {
  error: string;
  isRefused: boolean;
}

export type Sent = Answer | SendFault;

/** Sends one POST. Redirects are answers; what the guard of HTTP jobs refuses is not sent. */
@Injectable()
export class WebhookSender {
  private readonly agent: Agent;

  constructor(@Inject(NOTIFICATION_SETTINGS) private readonly settings: NotificationSettings) {
    const { guard, tls, hostConcurrency: connections } = settings;
    this.agent = new Agent({ connections, connect: guard.connector(connectOptions({}, tls)) });
  }

  async send(
    webhook: string,
    headers: Record<string, string>,
    body: string,
    stop?: AbortSignal,
  ): Promise<Sent> {
    const url = URL.parse(webhook);
    if (url === null) return { error: 'the webhook is not a URL', isRefused: true };
    const refusal = this.settings.guard.check(url);
    if (refusal !== null) return { error: `the webhook is refused: ${refusal}`, isRefused: true };
    const timeoutMs = this.settings.timeoutMs ?? TIMEOUT_MS;
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      return await this.post(url, headers, body, stop ? AbortSignal.any([timeout, stop]) : timeout);
    } catch (error) {
      return timeout.aborted ? timedOut(timeoutMs) : faultOf(error as Error, url.host);
    }
  }

  /** What is under way is cut. */
  close(): Promise<void> {
    return this.agent.destroy();
  }

  private async post(
    url: URL,
    headers: Record<string, string>,
    body: string,
    signal: AbortSignal,
  ): Promise<Answer> {
    const response = await this.agent.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: 'POST',
      headers: { ...this.ownHeaders(url), ...headers },
      body,
      signal,
    });
    await response.body.dump({ limit: DRAIN_LIMIT_BYTES, signal });
    return { statusCode: response.statusCode, retryAfter: retryAfterOf(response) };
  }

  private ownHeaders({ username, password }: URL): Record<string, string> {
    const account = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    return {
      'content-type': 'application/json',
      'user-agent': `ecron/${this.settings.version}`,
      ...(account !== ':' && { authorization: `Basic ${Buffer.from(account).toString('base64')}` }),
    };
  }
}

function retryAfterOf({ headers }: Dispatcher.ResponseData): string {
  const value = headers['retry-after'];
  return (Array.isArray(value) ? value[0] : value) ?? '';
}

const timedOut = (timeoutMs: number): SendFault => ({
  error: `no complete answer within ${timeoutMs / 1000} s`,
  isRefused: false,
});

function faultOf(error: Error, host: string): SendFault {
  return error instanceof TargetRefused
    ? { error: `the webhook is refused: ${error.message}`, isRefused: true }
    : { error: describeTransportError(error, host), isRefused: false };
}
