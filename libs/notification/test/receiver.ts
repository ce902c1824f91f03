import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { type Clock } from '@ecron/domain';
import { Webhook } from 'standardwebhooks';

export interface Received {
  id: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** What a receiver does with a request; left out: 204. */
export type Answer = (response: ServerResponse, received: Received) => void;

/** A receiver of webhooks on loopback. */
export class Receiver {
  readonly received: Received[] = [];
  answer: Answer = (response) => response.writeHead(204).end();
  private readonly server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const received = { id: String(request.headers['webhook-id']), headers: request.headers, body };
      this.received.push(received);
      this.answer(response, received);
    });
  });

  static async open(): Promise<Receiver> {
    const receiver = new Receiver();
    receiver.server.listen(0, '127.0.0.1');
    await once(receiver.server, 'listening');
    return receiver;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/results`;
  }

  get ids(): string[] {
    return this.received.map(({ id }) => id);
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

/** As the public verifier sees it, at the time of the test's clock. @throws where it is not signed with the secret */
export function verify({ body, headers }: Received, secret: string, clock: Clock): unknown {
  const now = jest.spyOn(Date, 'now').mockReturnValue(clock.now());
  try {
    return new Webhook(secret).verify(body, headers as Record<string, string>);
  } finally {
    now.mockRestore();
  }
}
