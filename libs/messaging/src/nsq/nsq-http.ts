import { type HostPort, isAddress, showAddress } from './nsq-settings.js';

const ANSWER_WITHIN_MS = 2000;

/** What nsqd and nsqlookupd say of themselves; only nsqd tells ports. */
export interface NsqInfo {
  version: string;
  tcp_port?: number;
  http_port?: number;
  broadcast_address?: string;
}

/** Null when nothing answers at `/info`, or nothing of NSQ's. */
export async function infoOf(http: HostPort): Promise<NsqInfo | null> {
  const answer = (await getJson(http, '/info')) as Partial<NsqInfo> | null;
  return typeof answer?.version === 'string' ? { ...answer, version: answer.version } : null;
}

/** The TCP addresses of the nsqds that have the topic; null when nsqlookupd does not answer. */
export async function lookUp(lookupd: HostPort, topic: string): Promise<HostPort[] | null> {
  const answer = await getJson(lookupd, `/lookup?topic=${encodeURIComponent(topic)}`);
  const producers = (answer as { producers?: unknown } | null)?.producers;
  return Array.isArray(producers) ? producers.map(addressOf).filter(isAddress) : null;
}

/** Whether it is there now. It is no error that it was there before. */
export async function create(
  nsqdHttp: HostPort,
  what: { topic: string; channel?: string },
): Promise<boolean> {
  const kind = what.channel === undefined ? 'topic' : 'channel';
  const query = new URLSearchParams(what).toString();
  const answer = await request(nsqdHttp, `/${kind}/create?${query}`, 'POST');
  return answer?.ok === true;
}

function addressOf(producer: unknown): HostPort {
  const { broadcast_address: host, tcp_port: port } = (producer ?? {}) as {
    broadcast_address?: unknown;
    tcp_port?: unknown;
  };
  return { host: typeof host === 'string' ? host : '', port: typeof port === 'number' ? port : 0 };
}

async function getJson(server: HostPort, path: string): Promise<unknown> {
  const response = await request(server, path, 'GET');
  if (response?.ok !== true) return null;
  return response.json().catch(() => null);
}

async function request(server: HostPort, path: string, method: string): Promise<Response | null> {
  const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
  try {
    return await fetch(`http://${showAddress(server)}${path}`, { method, signal });
  } catch {
    return null;
  }
}
