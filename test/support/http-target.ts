import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions as TlsServerOptions } from 'node:https';
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server as TcpServer,
  type Socket,
} from 'node:net';

/** What a target saw of one request. */
export interface Received {
  method: string;
  url: string;
  /** By lower-case name; several values of a name are joined as Node joins them. */
  headers: IncomingMessage['headers'];
  rawHeaders: string[];
  body: string;
}

export interface Target {
  port: number;
  /** `http://127.0.0.1:PORT`, or `https`. */
  origin: string;
  received: Received[];
}

type Answer = (response: ServerResponse, received: Received, request: IncomingMessage) => void;

const cleanups: (() => void)[] = [];

/** Ends every target of this test file and its connections. */
export function closeTargets(): void {
  for (const cleanup of cleanups.splice(0)) cleanup();
}

/** An HTTP server on a free port that notes each request, body included, and answers as it is told. */
export async function listenHttp(answer: Answer): Promise<Target> {
  const received: Received[] = [];
  return listen('http', createServer(noteAnd(received, answer)), received);
}

export async function listenHttps(tls: TlsServerOptions, answer: Answer): Promise<Target> {
  const received: Received[] = [];
  return listen('https', createTlsServer(tls, noteAnd(received, answer)), received);
}

/** A TCP server that hands each connection over, for what no HTTP server would say. */
export async function listenTcp(onConnection: (socket: Socket) => void): Promise<Target> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    onConnection(socket);
  });
  cleanups.push(() => sockets.forEach((socket) => socket.destroy()));
  return listen('http', server, []);
}

/** A port on which nothing listens. */
export async function findClosedPort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function listen(scheme: string, server: Server | TcpServer, received: Received[]): Promise<Target> {
  cleanups.push(() => {
    server.close();
    if ('closeAllConnections' in server) server.closeAllConnections();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { port, origin: `${scheme}://127.0.0.1:${port}`, received };
}

function noteAnd(received: Received[], answer: Answer) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers, rawHeaders } = request;
      const note = { method, url, headers, rawHeaders, body: Buffer.concat(chunks).toString() };
      received.push(note);
      answer(response, note, request);
    });
  };
}
