import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';

/** What the introspection of a token answers, by token. */
export type Tokens = Record<string, { active?: boolean; client_id?: string }>;

/** Plays Hydra's admin API: answers introspection on one of its two paths and remembers what it was asked. */
export class IntrospectionServer {
  /** The tokens it was asked about, the empty ones of probes left out. */
  readonly asked: string[] = [];

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async start(
    tokens: Tokens,
    path = '/admin/oauth2/introspect',
    port = 0,
  ): Promise<IntrospectionServer> {
    const server = createServer();
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const fake = new IntrospectionServer(server, (server.address() as AddressInfo).port);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void fake.answer(request, response, tokens, path);
    });
    return fake;
  }

  /** The configuration that makes a service ask here. */
  get env(): Record<string, string> {
    return {
      ECRON_AUTH_ENABLED: 'true',
      ECRON_OAUTH_ADMIN_ADDR: '127.0.0.1',
      ECRON_OAUTH_ADMIN_PORT: String(this.port),
      ECRON_OAUTH_ADMIN_PROTOCOL: 'http',
    };
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  private async answer(
    request: IncomingMessage,
    response: ServerResponse,
    tokens: Tokens,
    path: string,
  ): Promise<void> {
    const form = new URLSearchParams(await bodyOf(request));
    const token = form.get('token') ?? '';
    if (token !== '') this.asked.push(token);
    response.statusCode = request.url === path && request.method === 'POST' ? 200 : 404;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(tokens[token] ?? { active: false }));
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
