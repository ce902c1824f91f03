import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';

/** One span as it arrived. */
export interface CollectedSpan {
  traceId: string;
  spanId: string;
  /** '' of a span without a parent. */
  parentSpanId: string;
  name: string;
  /** The `service.name` of whoever sent it. */
  service: string;
  attributes: Record<string, unknown>;
  status: { code: number; message?: string };
}

interface Attribute {
  key: string;
  value: Record<string, unknown>;
}

type SentSpan = Omit<CollectedSpan, 'parentSpanId' | 'service' | 'attributes'> & {
  parentSpanId?: string;
  attributes: Attribute[];
};

/** The body of a call of OTLP over HTTP, in JSON. */
interface Export {
  resourceSpans: { resource: { attributes: Attribute[] }; scopeSpans: { spans: SentSpan[] }[] }[];
}

/** A collector of spans over real HTTP. */
export class FakeCollector {
  /** In the order of their arrival; spans arrive when they have ended. */
  readonly spans: CollectedSpan[] = [];
  /** What it answers; with another status than 200 it keeps nothing. */
  status = 200;
  /** Calls that it was asked to take. */
  calls = 0;
  private readonly server: Server = createServer((request, response) => void this.take(request, response));

  static async start(): Promise<FakeCollector> {
    const collector = new FakeCollector();
    await new Promise<void>((resolve) => collector.server.listen(0, '127.0.0.1', resolve));
    return collector;
  }

  /** While it listens. */
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1/traces`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += chunk as string;
    this.calls++;
    const isOurs = request.url === '/v1/traces' && request.method === 'POST';
    const status = isOurs ? this.status : 404;
    if (status === 200) this.spans.push(...spansOf(JSON.parse(text) as Export));
    response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
  }
}

function spansOf({ resourceSpans }: Export): CollectedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(valuesOf(resource.attributes)['service.name']);
    return scopeSpans.flatMap(({ spans }) => spans.map((span) => toCollected(span, service)));
  });
}

function toCollected({ traceId, spanId, parentSpanId, name, attributes, status }: SentSpan, service: string) {
  return {
    ...{ traceId, spanId, parentSpanId: parentSpanId ?? '', name, service },
    attributes: valuesOf(attributes),
    status,
  };
}

const valuesOf = (attributes: Attribute[]): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
