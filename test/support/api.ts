import { Agent, request } from 'undici';
import { type JobBody } from './jobs.js';
import {
  type ErrorBody,
  type ExecutionView,
  type JobView,
  type Page,
  type SlotView,
  type StatusView,
} from './shapes.js';

export const PREFIX = '/api/ecron-management/v1';

/** An HTTP answer as it came; `json` is undefined when the body is empty or no JSON. */
export interface Answer<T> {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  json: T;
}

/** A client of the REST API: paths are below the prefix unless they start with `/health`. */
export class Api {
  constructor(
    readonly origin: string,
    private readonly headers: Record<string, string> = {},
    private readonly agent = new Agent({ connections: 64, keepAliveTimeout: 1000 }),
  ) {}

  /** The same client with a bearer token. */
  as(token: string): Api {
    return this.with({ authorization: `Bearer ${token}` });
  }

  with(headers: Record<string, string>): Api {
    return new Api(this.origin, headers, this.agent);
  }

  async call<T = ErrorBody>(method: string, path: string, body?: unknown): Promise<Answer<T>> {
    if (body === undefined) return this.send<T>(method, path, undefined, {});
    return this.send<T>(method, path, JSON.stringify(body), { 'content-type': 'application/json' });
  }

  /** Sends `raw` as it is, for bodies and headers that a well-behaved client would not send. */
  async send<T = ErrorBody>(
    method: string,
    path: string,
    raw: string | undefined,
    headers: Record<string, string>,
  ): Promise<Answer<T>> {
    return this.request<T>(method, path.startsWith('/health') ? path : PREFIX + path, raw, headers);
  }

  /** As {@link call}, of a path from the root. */
  async at<T = ErrorBody>(method: string, path: string, body?: unknown): Promise<Answer<T>> {
    if (body === undefined) return this.request<T>(method, path, undefined, {});
    return this.request<T>(method, path, JSON.stringify(body), { 'content-type': 'application/json' });
  }

  private async request<T>(
    method: string,
    path: string,
    raw: string | undefined,
    headers: Record<string, string>,
  ): Promise<Answer<T>> {
    const answer = await request(this.origin + path, {
      dispatcher: this.agent,
      method,
      headers: { ...this.headers, ...headers },
      body: raw ?? null,
    });
    const text = await answer.body.text();
    return { status: answer.statusCode, headers: answer.headers, text, json: parse(text) as T };
  }

  async get<T>(path: string): Promise<T> {
    return this.must<T>(200, 'GET', path);
  }

  /** The body of an answer that has to have this status. */
  async must<T>(status: number, method: string, path: string, body?: unknown): Promise<T> {
    const answer = await this.call<T>(method, path, body);
    if (answer.status === status) return answer.json;
    throw new Error(`${method} ${path}: ${answer.status} instead of ${status}: ${answer.text}`);
  }

  async create(job: JobBody): Promise<string> {
    return (await this.must<{ job_id: string }>(201, 'POST', '/job', job)).job_id;
  }

  async job(jobId: string): Promise<JobView> {
    const [job] = await this.get<JobView[]>(`/job?job_id=${jobId}`);
    if (!job) throw new Error(`no job ${jobId} in the answer`);
    return job;
  }

  async statuses(query: string): Promise<StatusView[]> {
    return this.get<StatusView[]>(`/jobstatus?${query}`);
  }

  async execution(executeId: string): Promise<ExecutionView> {
    return this.get<ExecutionView>(`/execution/${executeId}`);
  }

  async executions(query: string): Promise<ExecutionView[]> {
    return this.pages<ExecutionView>(`/execution?${query}`);
  }

  /** The slots of a job in `[from, to)`, all pages. */
  async slots(jobId: string, from: string, to: string): Promise<SlotView[]> {
    const range = `from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}`;
    return this.pages<SlotView>(`/job/${jobId}/slot?limit=500&${range}`);
  }

  /** Runs a job (or a context) now. */
  async run(body: object): Promise<StatusView> {
    return this.must<StatusView>(200, 'POST', '/jobexecution', body);
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }

  private async pages<T>(path: string): Promise<T[]> {
    const items: T[] = [];
    let cursor: string | null = null;
    do {
      const more: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page: Page<T> = await this.get<Page<T>>(path + more);
      items.push(...page.items);
      cursor = page.next_cursor;
    } while (cursor !== null);
    return items;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
