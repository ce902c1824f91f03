import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { type Readable } from 'node:stream';
import { type PeerCertificate, TLSSocket, type TLSSocketOptions } from 'node:tls';

/** Of the capabilities that both sides name: TLS is spoken. In the second byte. */
const SPEAKS_TLS = 0x08;
const OK = 0x00;
const REFUSED = 0xff;

/** A MySQL server that speaks TLS, in front of one that does not. It passes on no password that was not sent over TLS. */
export class MysqlTlsProxy {
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();
  /** Connections that had become TLS, each with the name on the certificate that the client has shown; '' for none. */
  readonly secured: string[] = [];
  port = 0;

  constructor(
    private readonly target: { host: string; port: number },
    private readonly options: TLSSocketOptions,
  ) {}

  async open(): Promise<this> {
    this.server = createServer((client) => void this.pass(client).catch(() => client.destroy()));
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as AddressInfo).port;
    return this;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    if (this.server === undefined) return;
    this.server.close();
    await once(this.server, 'close');
  }

  private async pass(client: Socket): Promise<void> {
    const server = this.keep(connect(this.target));
    client.on('close', () => server.destroy());
    server.on('close', () => client.destroy());
    this.keep(client).write(offerTls(await readPacket(server)));
    const request = await readPacket(client);
    if (!asksForTls(request)) throw new Error('the client speaks in clear');
    const secure = new TLSSocket(client, { isServer: true, ...this.options });
    secure.on('error', () => client.destroy());
    await signIn(secure, server);
    this.secured.push(nameOf(secure));
    secure.pipe(server);
    server.pipe(secure);
  }

  private keep(socket: Socket): Socket {
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.sockets.delete(socket));
    return socket;
  }
}

function nameOf(client: TLSSocket): string {
  const { subject } = client.getPeerCertificate() as Partial<PeerCertificate>;
  return String(subject?.CN ?? '');
}

/** The server has not seen the packet that asked for TLS, so its numbers are behind by one. */
async function signIn(client: TLSSocket, server: Socket): Promise<void> {
  const answer = await readPacket(client);
  answer.writeUInt8(answer.readUInt8(5) & ~SPEAKS_TLS, 5);
  server.write(numbered(answer, -1));
  for (;;) {
    const packet = await readPacket(server);
    client.write(numbered(packet, 1));
    if ([OK, REFUSED].includes(packet.readUInt8(4))) return;
    server.write(numbered(await readPacket(client), -1));
  }
}

function numbered(packet: Buffer, step: number): Buffer {
  packet.writeUInt8(packet.readUInt8(3) + step, 3);
  return packet;
}

/** In the server's first packet the capabilities lie behind its version, a number and a salt. */
function offerTls(greeting: Buffer): Buffer {
  const at = greeting.indexOf(0, 5) + 1 + 4 + 8 + 1 + 1;
  greeting.writeUInt8(greeting.readUInt8(at) | SPEAKS_TLS, at);
  return greeting;
}

const asksForTls = (packet: Buffer): boolean =>
  packet.length === 4 + 32 && (packet.readUInt8(5) & SPEAKS_TLS) !== 0;

async function readPacket(from: Readable): Promise<Buffer> {
  const head = await readBytes(from, 4);
  return Buffer.concat([head, await readBytes(from, head.readUIntLE(0, 3))]);
}

async function readBytes(from: Readable, count: number): Promise<Buffer> {
  for (;;) {
    const bytes = from.read(count) as Buffer | null;
    if (bytes !== null && bytes.length === count) return bytes;
    if (from.readableEnded || from.destroyed) throw new Error('the connection has ended');
    await Promise.race([once(from, 'readable'), once(from, 'close')]);
  }
}
