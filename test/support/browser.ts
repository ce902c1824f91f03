import { Agent, request } from 'undici';

/** What a page of a browser has got. */
export interface Visited {
  url: string;
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

/** A browser without pages: it keeps cookies by host and port, and follows redirects. */
export class Browser {
  private readonly agent = new Agent();
  private readonly jars = new Map<string, Map<string, string>>();

  async close(): Promise<void> {
    await this.agent.close();
  }

  /** The value of a cookie of that origin; undefined: there is none. */
  cookie(origin: string, name: string): string | undefined {
    return this.jar(origin).get(name);
  }

  setCookie(origin: string, name: string, value: string): void {
    this.jar(origin).set(name, value);
  }

  /** One call, redirects not followed. */
  async call(
    method: string,
    url: string,
    headers: Record<string, string> = {},
    body?: object,
  ): Promise<Visited> {
    const { origin } = new URL(url);
    const cookie = [...this.jar(origin)].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await request(url, {
      dispatcher: this.agent,
      method,
      headers: { ...(cookie === '' ? {} : { cookie }), ...headers },
      body: body === undefined ? null : JSON.stringify(body),
    });
    this.keep(origin, answer.headers['set-cookie']);
    return { url, status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
  }

  /** Follows redirects until there is none, or `stop` says so of where the next one leads. */
  async follow(url: string, stop: (next: string) => boolean): Promise<Visited> {
    const visited = await this.call('GET', url);
    const location = visited.headers['location'];
    if (typeof location !== 'string') return visited;
    const next = new URL(location, url).href;
    return stop(next) ? { ...visited, url: next } : this.follow(next, stop);
  }

  private jar(origin: string): Map<string, string> {
    const jar = this.jars.get(origin) ?? new Map<string, string>();
    this.jars.set(origin, jar);
    return jar;
  }

  private keep(origin: string, lines: string | string[] | undefined): void {
    for (const line of [lines ?? []].flat()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/;\s*max-age=0\b/i.test(line)) this.jar(origin).delete(name);
      else this.jar(origin).set(name, value);
    }
  }
}
