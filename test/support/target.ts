import { request } from 'undici';
import { NodeProcess, repositoryFile } from './process.js';

const PROGRAM = 'test/support/target-main.ts';

/** A request as the target received it. */
export interface SeenRequest {
  /** Epoch milliseconds with microseconds behind the point. */
  at: number;
  method: string;
  path: string;
  /** By lower-case name; of a repeated one the last. */
  headers: Record<string, string | undefined>;
  /** Lower-case names, in the order of the wire. */
  rawHeaders: [string, string][];
  body: string;
}

/** What the benches and the chaos run need of a request. Absent headers are `-`. */
export interface Arrival {
  at: number;
  executeId: string;
  attempt: number;
  jobId: string;
  slot: string;
}

/** The process that plays the HTTP target (`target-main.ts` says what it answers). */
export class Target {
  private constructor(
    readonly url: string,
    private readonly node: NodeProcess,
  ) {}

  static async start(): Promise<Target> {
    const node = NodeProcess.spawn(repositoryFile(PROGRAM));
    const url = await node.waitFor((line) => (line.startsWith('http://') ? line : undefined));
    return new Target(url, node);
  }

  /** Where its callbacks go. */
  async setManagement(management: string): Promise<void> {
    await this.control('POST', '/__config', JSON.stringify({ management }));
  }

  /** Requests to paths that begin so, in order of arrival. */
  async seen(pathPrefix: string): Promise<SeenRequest[]> {
    return JSON.parse(
      await this.control('GET', `/__log?path=${encodeURIComponent(pathPrefix)}`),
    ) as SeenRequest[];
  }

  get pid(): number {
    return this.node.pid;
  }

  /** How many requests there were: cheap, to be asked again and again. */
  async count(): Promise<number> {
    return Number(await this.control('GET', '/__count'));
  }

  async arrivals(): Promise<Arrival[]> {
    const lines = (await this.control('GET', '/__compact')).split('\n');
    return lines.filter((line) => line !== '').map(readArrival);
  }

  async stop(): Promise<void> {
    await this.node.end('SIGTERM');
  }

  private async control(method: 'GET' | 'POST', path: string, body?: string): Promise<string> {
    const answer = await request(this.url + path, { method, body: body ?? null });
    return answer.body.text();
  }
}

function readArrival(line: string): Arrival {
  const [at = '', executeId = '', attempt = '', jobId = '', slot = ''] = line.split(' ');
  return { at: Number(at), executeId, attempt: Number(attempt), jobId, slot };
}
