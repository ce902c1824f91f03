import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { type KubeCluster } from './kube-cluster.js';

/** One request and its whole answer, as it went through. */
export interface KubeExchange {
  method: string;
  path: string;
  status: number;
  warning?: string;
  body: string;
}

/** What `kubectl proxy` is: everybody who reaches it may do anything. It keeps what went through. */
export class KubeProxy {
  readonly exchanges: KubeExchange[] = [];
  /** Asked of each request; a status instead of null is the answer. */
  refuse: (method: string, path: string) => number | null = () => null;

  private constructor(
    private readonly cluster: KubeCluster,
    private readonly server: Server,
  ) {}

  static async start(cluster: KubeCluster): Promise<KubeProxy> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const proxy = new KubeProxy(cluster, server);
    server.on('request', (request, response) => {
      proxy.forward(request, response).catch(() => response.destroy());
    });
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url: path = '/' } = request;
    const refusal = this.refuse(method, path);
    if (refusal !== null) return void response.writeHead(refusal).end();
    const sent = await buffer(request);
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const reply = await this.cluster.agent.request({
      origin: this.cluster.origin,
      path,
      method,
      headers: { 'content-type': 'application/json' },
      body: sent.length === 0 ? null : sent,
      bodyTimeout: 0,
      signal: gone.signal,
    });
    const warning = [reply.headers['warning'] ?? []].flat().join(', ');
    const exchange: KubeExchange = {
      method,
      path,
      status: reply.statusCode,
      ...(warning !== '' && { warning }),
      body: '',
    };
    this.exchanges.push(exchange);
    response.writeHead(reply.statusCode, warning === '' ? {} : { warning });
    response.flushHeaders();
    for await (const chunk of reply.body) {
      exchange.body += String(chunk);
      response.write(chunk);
    }
    response.end();
  }
}
