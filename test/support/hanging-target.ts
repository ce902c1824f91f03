import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';

/** Answers `/answer`; every other request stays without an answer until its sender gives up. */
export class HangingTarget {
  /** Requests that came, and those of them that are still waited for. */
  requests = 0;
  open = 0;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<HangingTarget> {
    const server = createServer();
    const target = new HangingTarget(server);
    server.on('request', (request, response) => {
      target.requests++;
      if (request.url === '/answer') return void response.end('{}');
      target.open++;
      response.on('close', () => target.open--);
    });
    server.listen(0, '127.0.0.1', 2_000);
    await once(server, 'listening');
    return target;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
