import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type ServerTls } from './server-tls.js';

const REFUSAL = JSON.stringify({
  cause: 'Database is unavailable',
  code: 503009001,
  message: '',
  detail: null,
});

/**
 * Stands in for a service whose database is not there yet: alive, not ready, everything else refused with 503.
 * A port that cannot be had is left to the service itself to complain about.
 */
export class WaitingRoom {
  private constructor(
    private readonly server: Server,
    /** Why it is not ready, without secrets. */
    private readonly reason: () => string,
  ) {}

  static async open(
    host: string,
    port: number,
    reason: () => string,
    tls: ServerTls | null = null,
  ): Promise<WaitingRoom> {
    const server = tls === null ? createServer() : createTlsServer(tls);
    const room = new WaitingRoom(server, reason);
    server.on('request', (request, response) => room.answer(request, response));
    server.listen(port, host);
    await once(server, 'listening').catch(() => undefined);
    return room;
  }

  /** Null when it could not listen. */
  get port(): number | null {
    const address = this.server.address();
    return typeof address === 'object' ? (address?.port ?? null) : null;
  }

  /** The port is free when this resolves. */
  async close(): Promise<void> {
    if (!this.server.listening) return;
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  private answer({ url }: IncomingMessage, response: ServerResponse): void {
    const path = url?.split('?')[0];
    if (path === '/health/alive') return reply(response, 200, 'text/plain', 'OK');
    if (path === '/health/ready' || path === '/health/startup')
      return reply(response, 503, 'text/plain', this.reason());
    return reply(response, 503, 'application/json', REFUSAL);
  }
}

function reply(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { 'content-type': type, 'retry-after': '1' }).end(text);
}
