import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Signal } from './fakes.js';

/** One answer of a real API server, without what nobody reads. */
export interface RecordedAnswer {
  /** `POST jobs`, `GET jobs` (a list), `GET job`, `WATCH pods`, `GET log` and so on. */
  call: string;
  status: number;
  warning?: string;
  body: string;
}

export type Recording = Record<string, RecordedAnswer[]>;

export const RECORDING_FILE = join('libs', 'execution', 'test', 'kube-recording.json');

/** What a request is about, however it is parametrised. */
export function callOf(method: string, path: string): string {
  const url = new URL(path, 'http://api.test');
  const [, kind = '', name, rest] =
    /\/namespaces\/[^/]+\/([^/]+)(\/[^/]+)?(\/log)?$/.exec(url.pathname) ?? [];
  const what = rest === '/log' ? 'log' : name === undefined ? kind : kind.slice(0, -1);
  return `${url.searchParams.has('watch') ? 'WATCH' : method} ${what}`;
}

interface Sent {
  call: string;
  url: string;
  body: string;
}

/**
 * Stands for an API server in quick tests: it answers each kind of call with what a real one was recorded to answer, in
 * that order; the last answer stays. A watch of which no more is known stays open.
 */
export class KubeDouble {
  readonly signal = new Signal();
  readonly sent: Sent[] = [];
  private readonly answers = new Map<string, RecordedAnswer[]>();

  private constructor(private readonly server: Server) {}

  /** @param scenario of the recording */
  static async start(scenario: string): Promise<KubeDouble> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const double = new KubeDouble(server);
    server.on('request', (request, response) => void double.reply(request, response));
    const recording = JSON.parse(readFileSync(RECORDING_FILE, 'utf8')) as Recording;
    for (const answer of recording[scenario] ?? []) double.add(answer);
    return double;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  /** What comes before the recorded answers to that call. */
  first(call: string, status: number, body: string | object = ''): void {
    const answer = { call, status, body: typeof body === 'string' ? body : JSON.stringify(body) };
    this.answers.set(call, [answer, ...(this.answers.get(call) ?? [])]);
  }

  /** Instead of the recorded ones. */
  only(call: string, status: number, body: string | object = ''): void {
    this.answers.delete(call);
    this.first(call, status, body);
  }

  /** A header of the first answer to that call. */
  warn(call: string, warning: string): void {
    const [answer] = this.answers.get(call) ?? [];
    if (answer !== undefined) answer.warning = warning;
  }

  untilSent(call: string): Promise<void> {
    return this.signal.until(() => this.sent.some((one) => one.call === call));
  }

  calls(call: string): Sent[] {
    return this.sent.filter((one) => one.call === call);
  }

  private add(answer: RecordedAnswer): void {
    this.answers.set(answer.call, [...(this.answers.get(answer.call) ?? []), answer]);
  }

  private async reply(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '' } = request;
    const call = callOf(method, url);
    const left = this.answers.get(call) ?? [];
    const isWatch = call.startsWith('WATCH');
    const answer = left.length > 1 || isWatch ? left.shift() : left[0];
    const body = await text(request);
    this.sent.push({ call, url, body });
    this.signal.changed();
    if (answer === undefined) return void response.writeHead(isWatch ? 200 : 404).flushHeaders();
    const headers = answer.warning === undefined ? {} : { warning: answer.warning };
    response.writeHead(answer.status, headers).end(answer.body);
  }
}
