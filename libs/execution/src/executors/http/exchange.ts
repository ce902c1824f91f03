import { type Dispatcher } from 'undici';
import { RESULT_LIMIT_BYTES } from '../../executor/executor.js';
import { type Hop } from './hop.js';
import { type KeptBody } from './result-text.js';

/** The answer to one request. */
export interface Answer {
  statusCode: number;
  /** By lower-case name. */
  headers: Record<string, string | string[] | undefined>;
  body: KeptBody;
}

/** No complete answer came. */
export interface Failure {
  failure: Error;
  /** Not even the head of an answer had come. */
  isSilent: boolean;
}

export type Reply = Answer | Failure;

type Controller = Dispatcher.DispatchController;

/**
 * A longer answer is read to its end up to here, so that its connection can be used again; one that goes
 * on beyond loses its connection and counts as complete.
 */
const DRAIN_LIMIT_BYTES = 1_048_576;
const STOPPED = new Error('stopped');

/** The first value of a header, '' when the answer has none. */
export function headerOf(answer: Answer, name: string): string {
  const value = answer.headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? '';
}

/**
 * One request and its answer. It listens to the dispatcher itself: `request()` would wrap the answer in a
 * stream and watch a signal, for each of thousands of runs a second.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly settled: Promise<Reply>;
  private settle: (reply: Reply) => void;
  private isSettled = false;
  private controller: Controller | null = null;
  private statusCode = 0;
  private headers: Answer['headers'] = {};
  private readonly chunks: Buffer[] = [];
  private receivedBytes = 0;

  constructor() {
    this.settled = new Promise((resolve) => (this.settle = resolve));
  }

  /** Queues the request; it may wait for a connection. */
  start(dispatcher: Dispatcher, { url, method, headers, body }: Hop): this {
    dispatcher.dispatch({ origin: url.origin, path: url.pathname + url.search, method, headers, body }, this);
    return this;
  }

  /** Gives up at once, wherever the exchange is; a request still waiting for a connection is never sent. */
  stop(): void {
    this.fail(STOPPED);
    this.controller?.abort(STOPPED);
  }

  onRequestStart(controller: Controller): void {
    this.controller = controller;
    if (this.isSettled) controller.abort(STOPPED);
  }

  onResponseStart(_: Controller, statusCode: number, headers: Answer['headers']): void {
    if (statusCode < 200) return;
    this.statusCode = statusCode;
    this.headers = headers;
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    const room = RESULT_LIMIT_BYTES - this.receivedBytes;
    if (room > 0) this.chunks.push(chunk.length > room ? chunk.subarray(0, room) : chunk);
    this.receivedBytes += chunk.length;
    if (this.receivedBytes <= DRAIN_LIMIT_BYTES) return;
    this.finish(this.answer());
    controller.abort(STOPPED);
  }

  onResponseEnd(): void {
    this.finish(this.answer());
  }

  onResponseError(_: Controller, error: Error): void {
    this.fail(error);
  }

  private fail(failure: Error): void {
    this.finish({ failure, isSilent: this.statusCode === 0 });
  }

  private finish(reply: Reply): void {
    this.isSettled = true;
    this.settle(reply);
  }

  private answer(): Answer {
    const [first = Buffer.alloc(0)] = this.chunks;
    const bytes = this.chunks.length > 1 ? Buffer.concat(this.chunks) : first;
    const body = { bytes, truncated: this.receivedBytes > RESULT_LIMIT_BYTES };
    return { statusCode: this.statusCode, headers: this.headers, body };
  }
}
