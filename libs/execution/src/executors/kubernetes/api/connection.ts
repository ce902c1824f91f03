import { type Dispatcher } from 'undici';

/** How one API server is reached: looked up for each request, since tokens and certificates change. */
export interface Connection {
  /** `https://host:port`, for people too. */
  origin: string;
  /** Before each path; '' or `/something`. */
  basePath: string;
  dispatcher: Dispatcher;
  headers: Record<string, string>;
}

export abstract class ConnectionSource {
  /** @throws ClusterMissing where there is no cluster to reach. */
  abstract connect(): Promise<Connection>;
}

/** There is no cluster for a job; the message says why, for people. */
export class ClusterMissing extends Error {
  override readonly name = 'ClusterMissing';
}

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Of every dispatcher. HTTP/1.1: a watch and a log hold a stream each for as long as a run lasts, more than one
 * connection of HTTP/2 is allowed.
 */
export const AGENT_OPTIONS = {
  allowH2: false,
  headersTimeout: 30_000,
  connect: { timeout: CONNECT_TIMEOUT_MS },
};
