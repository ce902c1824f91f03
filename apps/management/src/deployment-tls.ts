import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Config } from '@ecron/config';
import { type HttpExecutorOptions } from '@ecron/execution';
import { OperatorError } from '@ecron/platform';

/** How HTTPS targets are judged. @throws OperatorError where the file of certificates cannot be used. */
export function deploymentTls({
  httpTlsCaFile,
  httpTlsVerify: verify,
}: Pick<Config, 'httpTlsCaFile' | 'httpTlsVerify'>): NonNullable<HttpExecutorOptions['tls']> {
  return httpTlsCaFile === null ? { verify } : { verify, ca: readCertificates(httpTlsCaFile) };
}

function readCertificates(path: string): string {
  try {
    const pem = readFileSync(path, 'utf8');
    new X509Certificate(pem);
    return pem;
  } catch (error) {
    const { code } = error as { code?: string };
    const why =
      code === undefined || code.startsWith('ERR_')
        ? 'holds no certificate in PEM'
        : `cannot be read: ${code}`;
    throw new OperatorError(`the configuration cannot be used: http_tls_ca_file ${why}`);
  }
}
