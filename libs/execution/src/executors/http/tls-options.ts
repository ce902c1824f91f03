import { createHash, createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { createSecureContext, getCACertificates, type SecureContextOptions } from 'node:tls';
import { type ContextFault, type HttpTls } from '@ecron/domain';
import { type buildConnector } from 'undici';

/** What holds for every job that does not say otherwise. */
export interface DeploymentTls {
  /** Certificates in PEM, trusted beside Node's own. */
  ca?: string;
  /** Default true. */
  verify?: boolean;
}

/** One way to make TLS connections: equal ones share their connections. */
export interface OriginTls {
  /** Where it is meant for. */
  origin: string;
  tls: HttpTls;
  /** Equal for equal options; the private key cannot be read out of it. */
  digest: string;
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

export function originTls(origin: string, tls: HttpTls | undefined): OriginTls | null {
  if (tls === undefined) return null;
  const parts = [tls.verify ?? true, tls.ca ?? '', tls.cert ?? '', tls.key ?? ''];
  return { origin, tls, digest: createHash('sha256').update(JSON.stringify(parts)).digest('base64') };
}

/** For undici's connector. A context made once: making it reads each trusted certificate. */
export function connectOptions(tls: HttpTls, deployment: DeploymentTls): buildConnector.BuildOptions {
  const isTrustOwn = tls.ca !== undefined;
  const rejectUnauthorized = tls.verify ?? (isTrustOwn || (deployment.verify ?? true));
  const ca = tls.ca ?? withDefaults(deployment.ca);
  const options = definedOf({ ca, cert: tls.cert, key: tls.key });
  if (Object.keys(options).length === 0) return { rejectUnauthorized };
  return { rejectUnauthorized, secureContext: createSecureContext(options) };
}

function withDefaults(ca: string | undefined): string[] | undefined {
  return ca === undefined ? undefined : [...getCACertificates('default'), ca];
}

function definedOf(options: { [K in keyof SecureContextOptions]: SecureContextOptions[K] | undefined }) {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as SecureContextOptions;
}

/** What is wrong with a job's certificates and its key; null: nothing. Neither is repeated. */
export function findTlsFault({ ca, cert, key }: HttpTls): ContextFault | null {
  if (ca !== undefined && readCertificates(ca) === null) return faultAt('ca', 'must be certificates in PEM');
  if (cert === undefined || key === undefined) return null;
  const [own] = readCertificates(cert) ?? [];
  if (own === undefined) return faultAt('cert', 'must be certificates in PEM');
  const privateKey = readKey(key);
  if (privateKey === null) return faultAt('key', 'must be a private key in PEM without a passphrase');
  if (!own.checkPrivateKey(privateKey)) return faultAt('key', 'does not belong to cert');
  return isUsable({ cert, key }) ? null : faultAt('cert', 'cannot be used with this version of TLS');
}

function faultAt(member: string, rule: string): ContextFault {
  return { path: `job_context.info.tls.${member}`, rule };
}

function readCertificates(pem: string): X509Certificate[] | null {
  try {
    const certificates = pem.match(CERTIFICATE)?.map((block) => new X509Certificate(block));
    return certificates ?? null;
  } catch {
    return null;
  }
}

function readKey(pem: string): KeyObject | null {
  try {
    return createPrivateKey(pem);
  } catch {
    return null;
  }
}

/** Keys that are too short are refused here only. */
function isUsable(options: SecureContextOptions): boolean {
  try {
    createSecureContext(options);
    return true;
  } catch {
    return false;
  }
}
