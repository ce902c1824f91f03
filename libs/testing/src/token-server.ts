import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';

/** What the fake answers to a token; a member of any name and type, since real servers answer much more. */
export type TokenAnswer = Record<string, unknown>;

/** A token server over real HTTP, with the paths of Hydra 2 or Hydra 1. Unknown tokens are inactive. */
export class FakeTokenServer {
  /** The form bodies it was sent, on the path that it has. */
  readonly bodies: string[] = [];
  path = '/admin/oauth2/introspect';
  /** Status and text for every call to that path instead of an answer about the token; null: none. */
  override: { status: number; text: string } | null = null;
  private readonly tokens = new Map<string, TokenAnswer>();
  private readonly server: Server = createServer((request, response) => void this.handle(request, response));

  /** Listens on a free local port; resolves with the base URL. */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this.url;
  }

  /** While it listens. */
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  knows(token: string, answer: TokenAnswer): void {
    this.tokens.set(token, answer);
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await textOf(request);
    if (request.url !== this.path || request.method !== 'POST')
      return void response.writeHead(404).end('not found');
    this.bodies.push(body);
    const token = new URLSearchParams(body).get('token') ?? '';
    const { status, text } = this.override ?? {
      status: 200,
      text: JSON.stringify(this.tokens.get(token) ?? { active: false }),
    };
    response.writeHead(status, { 'content-type': 'application/json' }).end(text);
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk as string;
  return text;
}
