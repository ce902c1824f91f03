import { type HttpAssertion, type HttpInfo, type HttpTls, SECRET_MASK } from '@ecron/domain';
import { refuse } from '../errors.js';
import { type InfoInput } from './job-input.js';

/** The options of ours: each is stored only where it was set, as old clients do not know them. */
export function readHttpInfo(info: InfoInput, stored: HttpInfo | null): HttpInfo {
  const { tls, assert, max_redirects, body_text, success_codes, keep_head } = info;
  return membersSet<HttpInfo>({
    tls: orNothing(readTls(tls ?? {}, stored?.tls?.key)),
    max_redirects,
    body_text,
    success_codes,
    assert: assert && membersSet<HttpAssertion>(assert),
    keep_head: keep_head === true ? true : null,
  });
}

function readTls({ verify, ...pems }: NonNullable<InfoInput['tls']>, storedKey?: string): HttpTls {
  const { ca, cert, key } = membersSet<HttpTls>(pems);
  return membersSet<HttpTls>({
    verify: verify === false ? false : null,
    ca: ca === '' ? null : ca,
    cert: cert === '' ? null : cert,
    key: key === '' ? null : keepKey(key, storedKey),
  });
}

/** Answers show the mask instead of the key, so an edit that sends back what it read changes nothing. */
function keepKey(key: string | undefined, stored: string | undefined): string | undefined {
  if (key !== SECRET_MASK) return key;
  if (stored !== undefined) return stored;
  throw refuse.field('job_context.info.tls.key', 'must be a key in PEM: none is stored that this could keep');
}

function orNothing(tls: HttpTls): HttpTls | null {
  return Object.keys(tls).length === 0 ? null : tls;
}

function membersSet<T extends object>(members: { [K in keyof T]?: T[K] | null | undefined }): T {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== null && value !== undefined),
  ) as T;
}
