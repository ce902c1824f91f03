import { request } from 'undici';

/** What a process told of itself at one moment. */
export class Scrape {
  private constructor(readonly text: string) {}

  /** @throws unless it is answered with 200 */
  static async of(origin: string): Promise<Scrape> {
    const answer = await request(`${origin}/metrics`);
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`${origin}/metrics: ${answer.statusCode} ${text}`);
    return new Scrape(text);
  }

  /** Names that have a value, without those of a histogram's parts. */
  get names(): string[] {
    const series = this.series.map((line) => line.replace(/[ {].*$/, ''));
    return [...new Set(series.map((name) => name.replace(/(_seconds)_(bucket|sum|count)$/, '$1')))].sort();
  }

  get series(): string[] {
    return this.text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  }

  /** Undefined: there is no such series. `series` as it is written: `ecron_nodes{role="analysis"}`. */
  value(series: string): number | undefined {
    const line = this.series.find((one) => one.startsWith(`${series} `));
    return line === undefined ? undefined : Number(line.slice(series.length));
  }
}
