import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Config } from '@ecron/config';
import { OperatorError } from './operator-text.js';
import { tlsFault } from './server-tls.js';

/** How the services speak TLS to what they connect to; all in PEM. */
export interface ClientTls {
  ca?: string;
  cert?: string;
  key?: string;
}

/** For the database server; undefined: in clear. @throws OperatorError where the files cannot be used */
export function databaseTls(config: Config): ClientTls | undefined {
  const { dbTls, dbTlsCaFile: ca, dbTlsCertFile: cert, dbTlsKeyFile: key } = config;
  return dbTls ? readTls('db', { ca, cert, key }) : undefined;
}

/** For Kafka brokers; undefined: in clear. @throws OperatorError where the files cannot be used */
export function brokerTls(config: Config): ClientTls | undefined {
  const { mqTls, mqTlsCaFile: ca, mqTlsCertFile: cert, mqTlsKeyFile: key } = config;
  return mqTls ? readTls('mq', { ca, cert, key }) : undefined;
}

type Files = Record<keyof ClientTls, string | null>;

function readTls(whose: string, files: Files): ClientTls {
  const tls: ClientTls = {};
  for (const name of ['ca', 'cert', 'key'] as const) {
    const path = files[name];
    if (path !== null) tls[name] = read(`${whose}_tls_${name}_file`, path);
  }
  const fault = faultOf(tls);
  if (fault !== null) throw unusable(`${whose}_tls_${fault}`);
  return tls;
}

function read(key: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw unusable(`${key} cannot be read: ${(error as { code?: string }).code ?? 'unknown error'}`);
  }
}

function faultOf({ ca, cert, key }: ClientTls): string | null {
  if (ca !== undefined && !isCertificate(ca)) return 'ca_file holds no certificate in PEM';
  return cert === undefined || key === undefined ? null : tlsFault({ cert, key });
}

const unusable = (fault: string) => new OperatorError(`the configuration cannot be used: ${fault}`);

function isCertificate(pem: string): boolean {
  try {
    new X509Certificate(pem);
    return true;
  } catch {
    return false;
  }
}
