import { type Endpoints } from '@ecron/testing';
import { request } from 'undici';
import { type Browser, type Visited } from './browser.js';

/** What the one who is asked at the token server answers. */
export interface Person {
  subject: string;
  /** Whether the client may act for the person. */
  consents?: boolean;
}

/** A client of a token server, and the people who sign in there: by its admin API, in place of pages to click on. */
export class HydraClient {
  private constructor(
    private readonly hydra: Endpoints['hydra'],
    readonly id: string,
    readonly secret: string,
  ) {}

  /** Made, or made anew, with the members given over those of a client for browsers. */
  static async register(hydra: Endpoints['hydra'], id: string, own: object): Promise<HydraClient> {
    const secret = `${id}-secret-of-a-test`;
    const client = {
      client_id: id,
      client_secret: secret,
      grant_types: ['authorization_code', 'client_credentials'],
      response_types: ['code'],
      scope: 'ecron.job.read ecron.job.write ecron.job.execute',
      ...own,
    };
    const registered = new HydraClient(hydra, id, secret);
    await registered.admin('DELETE', `/admin/clients/${id}`);
    const { status } = await registered.admin('POST', '/admin/clients', client);
    if (status !== 201) throw new Error(`the client was not taken: ${status}`);
    return registered;
  }

  /** Has the browser signed in by `person`, from `url` until the token server sends it back to where `until` begins. */
  async signIn(browser: Browser, url: string, person: Person, until: string): Promise<Visited> {
    const isHere = (next: string) => next.startsWith(this.hydra.loginApp);
    let visited = await browser.follow(url, (next) => isHere(next) || next.startsWith(until));
    while (isHere(visited.url)) {
      const next = await this.answer(new URL(visited.url), person);
      visited = await browser.follow(next, (to) => isHere(to) || to.startsWith(until));
    }
    return visited;
  }

  /** Takes back every token that was issued for the person. */
  async revokeAll(subject: string): Promise<void> {
    const query = new URLSearchParams({ subject, client: this.id });
    await this.admin('DELETE', `/admin/oauth2/auth/sessions/consent?${query.toString()}`);
  }

  private async answer(page: URL, { subject, consents = true }: Person): Promise<string> {
    const login = page.searchParams.get('login_challenge');
    if (login !== null) return this.accept(`login/accept?login_challenge=${login}`, { subject });
    const consent = page.searchParams.get('consent_challenge') ?? '';
    if (!consents)
      return this.accept(`consent/reject?consent_challenge=${consent}`, { error: 'access_denied' });
    const { json } = await this.admin(
      'GET',
      `/admin/oauth2/auth/requests/consent?consent_challenge=${consent}`,
    );
    return this.accept(`consent/accept?consent_challenge=${consent}`, {
      grant_scope: json['requested_scope'],
    });
  }

  private async accept(path: string, body: object): Promise<string> {
    const { json } = await this.admin('PUT', `/admin/oauth2/auth/requests/${path}`, body);
    return String(json['redirect_to']);
  }

  private async admin(method: string, path: string, body?: object) {
    const answer = await request(this.hydra.admin + path, {
      method: method as 'GET',
      headers: { 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await answer.body.text();
    return {
      status: answer.statusCode,
      json: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>,
    };
  }
}
