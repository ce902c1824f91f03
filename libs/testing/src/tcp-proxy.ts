import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A way to a server that can be cut, or go dead without a word as a pulled cable does. */
export class TcpProxy {
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();
  private isFrozen = false;
  private freezeAt: string | null = null;
  port = 0;

  constructor(private readonly target: { host: string; port: number }) {}

  /** Listens, on the same port as before. */
  async open(): Promise<this> {
    this.isFrozen = false;
    this.server = createServer((client) => this.pass(client));
    await new Promise<void>((resolve) => this.server?.listen(this.port, '127.0.0.1', resolve));
    this.port = (this.server.address() as AddressInfo).port;
    return this;
  }

  /** As a server that has died: connections end, new ones are refused. */
  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((resolve) => {
      if (this.server === undefined) return resolve();
      this.server.close(() => resolve());
    });
  }

  /** From when a client sends `text` on, nothing passes on its connection, that text included. */
  freezeAtText(text: string): void {
    this.freezeAt = text;
  }

  /** From now on nothing passes, on old connections nor on new ones. */
  freeze(): void {
    this.isFrozen = true;
  }

  private pass(client: Socket): void {
    const server = connect(this.target);
    let isDead = false;
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.sockets.add(from);
      from.on('error', () => undefined);
      from.on('close', () => {
        this.sockets.delete(from);
        to.destroy();
      });
      from.on('data', (data) => {
        isDead ||= this.isFrozen || (from === client && this.isLast(data));
        if (!isDead) to.write(data);
      });
    }
  }

  private isLast(data: Buffer): boolean {
    if (this.freezeAt === null || !data.includes(this.freezeAt)) return false;
    this.freezeAt = null;
    return true;
  }
}
