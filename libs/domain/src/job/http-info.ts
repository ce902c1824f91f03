import { type JsonValue } from './json-value.js';

/** How a job wants the TLS connections to its own target made; what a redirect leads to elsewhere is not meant. */
export interface HttpTls {
  /** There only where it says false: the target's certificate is then taken as it is. */
  verify?: boolean;
  /** Certificates in PEM. Where it is set, nobody else is trusted. */
  ca?: string;
  /** The client's certificate in PEM, with those between it and its root; goes with `key`. */
  cert?: string;
  /** The client's private key in PEM, not encrypted. A secret: answers and messages show {@link SECRET_MASK}. */
  key?: string;
}

/** What an answer must say, beside its status, to be a success; each member that is set must hold. */
export interface HttpAssertion {
  /** A singular query of RFC 9535: `$.jobs[0].state`. Alone: there must be a value. */
  json_path?: string;
  /** What that value must be, as JSON. */
  equals?: JsonValue;
  /** A regular expression of RE2 that must be found: in that value where there is a path, else in the text of the answer. */
  matches?: string;
}

/** A status, `304`, or a range of them, `"200-299"`. */
export type SuccessCode = number | string;

/** What an HTTP job can say beyond the contract; each is there only where the client set it. */
export interface HttpInfo {
  tls?: HttpTls;
  /** 0 to 20; left out {@link DEFAULT_MAX_REDIRECTS}. 0: the redirect itself is the answer. */
  max_redirects?: number;
  /** Sent as it is, instead of `body`. */
  body_text?: string;
  /** Up to 20; left out 200 to 299. */
  success_codes?: SuccessCode[];
  assert?: HttpAssertion;
  /** Keep the head of every answer; left out only that of a failure is kept. */
  keep_head?: boolean;
  /** Names of headers, in any case, whose values are secrets: sealed where they are stored, shown as {@link SECRET_MASK}. */
  secret_headers?: string[];
  /** There only where it says true: `body` and `body_text` are secrets. */
  secret_body?: boolean;
}

export const DEFAULT_MAX_REDIRECTS = 10;
