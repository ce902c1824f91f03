import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { type Config, type ProcessRole } from '@ecron/config';
import { OperatorError } from './operator-text.js';

/** What the management service proves itself with towards its callers. */
export interface ServerTls {
  /** PEM, with the intermediate certificates. */
  cert: string;
  key: string;
}

/** Null: it speaks HTTP, as the analysis service always does. @throws OperatorError where the files cannot be used */
export function serverTls(
  { sslOn, certFile, keyFile }: Pick<Config, 'sslOn' | 'certFile' | 'keyFile'>,
  role: ProcessRole,
): ServerTls | null {
  if (!sslOn || role === 'analysis') return null;
  const tls = { cert: read('cert_file', certFile), key: read('key_file', keyFile) };
  const fault = tlsFault(tls);
  if (fault !== null) throw unusable(fault);
  return tls;
}

/** Why a server cannot use them, or null. Says nothing of what is in the key. */
export function tlsFault({ cert, key }: ServerTls): string | null {
  if (!isUsable(() => new X509Certificate(cert))) return 'cert_file holds no certificate in PEM';
  if (!isUsable(() => createSecureContext({ key })))
    return 'key_file holds no private key in PEM without a passphrase';
  if (!isUsable(() => createSecureContext({ cert, key }))) return 'key_file is not the key of cert_file';
  return null;
}

function read(key: string, path: string | null): string {
  try {
    return readFileSync(path ?? '', 'utf8');
  } catch (error) {
    throw unusable(`${key} cannot be read: ${(error as { code?: string }).code ?? 'unknown error'}`);
  }
}

const unusable = (fault: string) => new OperatorError(`the configuration cannot be used: ${fault}`);

function isUsable(use: () => unknown): boolean {
  try {
    use();
    return true;
  } catch {
    return false;
  }
}
