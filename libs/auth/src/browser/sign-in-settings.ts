/** What signing in with a browser needs to know. */
export interface SignInSettings {
  /** Base URL of the token server's public API, without a trailing slash. */
  publicUrl: string;
  clientId: string;
  /** Null: a public client. */
  clientSecret: string | null;
  clientAuth: 'client_secret_basic' | 'client_secret_post';
  /** Where the token server sends the browser back to, as registered there. */
  redirectUrl: string;
  /** With blanks between them; null asks for none. */
  scope: string | null;
}
