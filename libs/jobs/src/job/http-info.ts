import { type HttpAssertion, type HttpInfo, type HttpTls } from '@ecron/domain';
import { keepText, type StoredInfo } from '../secrets/keep-secrets.js';
import { type InfoInput } from './job-input.js';

/** The options of ours: each is kept only where it was set, as old clients do not know them. Those of secrets: `keepSecrets`. */
export function readHttpInfo(
  info: InfoInput,
  stored: StoredInfo | null,
): Omit<HttpInfo, 'body_text' | 'secret_headers' | 'secret_body'> {
  const { tls, assert, max_redirects, success_codes, keep_head } = info;
  return membersSet<HttpInfo>({
    tls: orNothing(readTls(tls ?? {}, stored)),
    max_redirects,
    success_codes,
    assert: assert && membersSet<HttpAssertion>(assert),
    keep_head: keep_head === true ? true : null,
  });
}

function readTls({ verify, ...pems }: NonNullable<InfoInput['tls']>, stored: StoredInfo | null): HttpTls {
  const { ca, cert, key } = membersSet<HttpTls>(pems);
  return membersSet<HttpTls>({
    verify: verify === false ? false : null,
    ca: ca === '' ? null : ca,
    cert: cert === '' ? null : cert,
    // Answers show the mask instead of the key, so an edit that sends back what it read changes nothing.
    key: key === '' || key === undefined ? null : keepText('tls.key', 'tls.key', key, stored),
  });
}

function orNothing(tls: HttpTls): HttpTls | null {
  return Object.keys(tls).length === 0 ? null : tls;
}

function membersSet<T extends object>(members: { [K in keyof T]?: T[K] | null | undefined }): T {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== null && value !== undefined),
  ) as T;
}
