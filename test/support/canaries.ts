import { randomBytes } from 'node:crypto';
import { type Api, type Answer } from './api.js';

/** Texts that occur nowhere but where they were put. */
export class Canaries {
  private readonly texts = new Map<string, string>();
  /** Everything that was answered. */
  private readonly answers: string[] = [];

  /** A new one. `place` says where it is put. */
  make(place: string): string {
    return this.add(place, `canary${randomBytes(12).toString('hex')}`);
  }

  /** A secret that was made elsewhere. */
  add(place: string, text: string): string {
    this.texts.set(place, text);
    return text;
  }

  /** A call whose answer counts. */
  async call<T>(api: Api, method: string, path: string, body?: unknown): Promise<Answer<T>> {
    const answer = await api.call<T>(method, path, body);
    this.answers.push(JSON.stringify(answer.headers), answer.text);
    return answer;
  }

  get answered(): string {
    return this.answers.join('\n');
  }

  /** Where each one that is found was put: as it is, or as a reader of bytes could find it. */
  foundIn(haystack: Buffer | string): string[] {
    const bytes = Buffer.from(haystack);
    return [...this.texts]
      .filter(([, text]) => disguisesOf(text).some((needle) => bytes.includes(needle)))
      .map(([place]) => place);
  }
}

/** In base64 a text looks different at each of three offsets; what its neighbours reach into is left out. */
function disguisesOf(text: string): string[] {
  const shifted = [0, 1, 2].map((n) =>
    Buffer.concat([Buffer.alloc(n), Buffer.from(text)])
      .toString('base64url')
      .slice(n === 0 ? 0 : n + 1, -4),
  );
  return [text, Buffer.from(text).toString('hex'), ...shifted];
}
