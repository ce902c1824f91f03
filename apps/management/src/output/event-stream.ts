import { type OutgoingHttpHeaders, type ServerResponse } from 'node:http';

/** Server-Sent Events on one response. Data is JSON, so that no line break of it ends an event. */
export class EventStream {
  /** @param headers what every answer says, put there before */
  constructor(
    private readonly response: ServerResponse,
    headers: OutgoingHttpHeaders,
  ) {
    response.writeHead(200, {
      ...headers,
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      // Proxies that gather answers would hold events back.
      'x-accel-buffering': 'no',
    });
    response.flushHeaders();
    response.on('error', () => response.destroy());
  }

  /** The client has not taken what was sent before. */
  get isFull(): boolean {
    return this.response.writableNeedDrain;
  }

  send(event: string, data: object): void {
    this.response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  /** Says nothing, but keeps the connection known to be alive. */
  beat(): void {
    this.response.write(': beat\n\n');
  }

  end(): void {
    this.response.end();
  }

  cut(): void {
    this.response.destroy();
  }

  onClose(tell: () => void): void {
    this.response.on('close', tell);
  }
}
