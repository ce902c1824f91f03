import { type Readable } from 'node:stream';
import { type Dispatcher } from 'undici';
import { toFault } from './api-fault.js';
import { type ConnectionSource } from './connection.js';
import { readJson, readLines, readText } from './read-body.js';
import {
  type ApiEvent,
  type ApiJob,
  type ApiList,
  type ApiPod,
  type JobBody,
  type WatchEvent,
} from './objects.js';

type Query = Record<string, string>;

interface Call {
  method?: 'GET' | 'POST' | 'DELETE';
  path: string;
  query?: Query;
  body?: object;
  signal?: AbortSignal;
  /** 0: never; between two pieces of the body. */
  bodyTimeoutMs?: number;
}

/** A listed and watched kind of object. */
export type Watched = 'jobs' | 'pods';

/** The server ends a watch itself, before anything between us and it takes the silence for a fault. */
const WATCH_S = 25;
const SHORT_BODY_MS = 30_000;
/** Ours, for a server that does not: what a job names as a proxy may send on for ever. */
const WATCH_LIMIT_MS = (WATCH_S + 10) * 1000;
const WATCH_MAX_BYTES = 67_108_864;
/** Of Jobs without an owner, to one look. */
const LIST_LIMIT = '500';

/** The few calls that runs make, in one namespace. Each throws ApiFault for a refusal, else what the transport throws. */
export class ClusterClient {
  private readonly paths: Record<Watched | 'events', string>;

  constructor(
    private readonly source: ConnectionSource,
    namespace: string,
  ) {
    const core = `/api/v1/namespaces/${namespace}`;
    this.paths = {
      jobs: `/apis/batch/v1/namespaces/${namespace}/jobs`,
      pods: `${core}/pods`,
      events: `${core}/events`,
    };
  }

  /** Resolves with what the server warns of, too: a pod that it will refuse shows only there. */
  async createJob(body: JobBody, signal?: AbortSignal): Promise<{ job: ApiJob; warnings: string[] }> {
    const reply = await this.call({ method: 'POST', path: this.paths.jobs, body, ...withSignal(signal) });
    return { job: (await readJson(reply.body)) as ApiJob, warnings: warningsOf(reply.headers) };
  }

  async getJob(name: string, signal?: AbortSignal): Promise<ApiJob> {
    return (await this.getJson({ path: `${this.paths.jobs}/${name}`, ...withSignal(signal) })) as ApiJob;
  }

  /** With its pods, in the background. The options are in the body: the query's would then not count. */
  async deleteJob(name: string, uid: string, signal?: AbortSignal): Promise<void> {
    const body = { propagationPolicy: 'Background', preconditions: { uid } };
    const path = `${this.paths.jobs}/${name}`;
    const reply = await this.call({ method: 'DELETE', path, body, ...withSignal(signal) });
    await reply.body.dump();
  }

  async list<T>(kind: Watched | 'events', query: Query, signal?: AbortSignal): Promise<ApiList<T>> {
    const listed = { limit: LIST_LIMIT, ...query };
    return (await this.getJson({
      path: this.paths[kind],
      query: listed,
      ...withSignal(signal),
    })) as ApiList<T>;
  }

  listJobs(query: Query, signal?: AbortSignal): Promise<ApiList<ApiJob>> {
    return this.list<ApiJob>('jobs', query, signal);
  }

  listPods(query: Query): Promise<ApiList<ApiPod>> {
    return this.list<ApiPod>('pods', query);
  }

  listEvents(query: Query): Promise<ApiList<ApiEvent>> {
    return this.list<ApiEvent>('events', query);
  }

  /** Ends after 25 s, or when the server likes to. Throws for what goes on for 35 s, or sends more than 64 MB. */
  async *watch<T>(kind: Watched, query: Query, signal: AbortSignal): AsyncGenerator<WatchEvent<T>> {
    const watched = { watch: 'true', timeoutSeconds: String(WATCH_S), ...query };
    const { body } = await this.call({
      path: this.paths[kind],
      query: watched,
      signal: AbortSignal.any([signal, AbortSignal.timeout(WATCH_LIMIT_MS)]),
      bodyTimeoutMs: 0,
    });
    for await (const line of readLines(body, WATCH_MAX_BYTES)) yield JSON.parse(line) as WatchEvent<T>;
  }

  /** What a container has written, from its start, and then what it writes. Whoever reads slowly slows the server down. */
  async followLog(pod: string, container: string, signal: AbortSignal): Promise<Readable> {
    const path = `${this.paths.pods}/${pod}/log`;
    const query = { container, follow: 'true' };
    return (await this.call({ path, query, signal, bodyTimeoutMs: 0 })).body;
  }

  private async getJson(call: Call): Promise<unknown> {
    return readJson((await this.call(call)).body);
  }

  private async call({
    method = 'GET',
    path,
    query = {},
    body,
    signal,
    bodyTimeoutMs,
  }: Call): Promise<Reply> {
    const { origin, basePath, dispatcher, headers } = await this.source.connect();
    const reply = await dispatcher.request({
      origin,
      path: `${basePath}${path}`,
      query,
      method,
      headers: {
        accept: 'application/json',
        ...headers,
        ...(body && { 'content-type': 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      bodyTimeout: bodyTimeoutMs ?? SHORT_BODY_MS,
      signal: signal ?? AbortSignal.timeout(SHORT_BODY_MS),
    });
    if (reply.statusCode < 400) return reply;
    throw toFault(reply.statusCode, await readText(reply.body));
  }
}

type Reply = Dispatcher.ResponseData;

const withSignal = (signal: AbortSignal | undefined): { signal?: AbortSignal } =>
  signal === undefined ? {} : { signal };

/** `299 - "text"`, one or many. */
function warningsOf(headers: Reply['headers']): string[] {
  const all = [headers['warning'] ?? []].flat().join(', ');
  return Array.from(all.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g), ([, text = '']) =>
    text.replaceAll(/\\(.)/g, '$1'),
  );
}
