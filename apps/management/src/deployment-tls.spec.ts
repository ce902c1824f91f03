import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CA } from '../../../test/support/certificates.js';
import { deploymentTls } from './deployment-tls.js';

describe('http_tls_ca_file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ecron-ca-'));
  const path = join(folder, 'ca.pem');
  const read = (httpTlsCaFile: string | null) => deploymentTls({ httpTlsCaFile, httpTlsVerify: true });

  afterAll(() => rmSync(folder, { recursive: true }));

  it('adds nothing where it is left out', () => {
    expect(read(null)).toEqual({ verify: true });
  });

  it('is read at start', () => {
    writeFileSync(path, CA);
    expect(read(path)).toEqual({ verify: true, ca: CA });
  });

  it('stops the start where it cannot be used', () => {
    const words = 'the configuration cannot be used: http_tls_ca_file';
    writeFileSync(path, 'no certificate');
    expect(() => read(path)).toThrow(`${words} holds no certificate in PEM`);
    expect(() => read(join(folder, 'missing.pem'))).toThrow(`${words} cannot be read: ENOENT`);
  });
});
