import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@ecron/config';
import * as pem from '../../../test/support/certificates.js';
import { brokerTls, databaseTls } from './client-tls.js';

describe.each([
  ['db', databaseTls, { ECRON_DB_ADDR: 'db.test', ECRON_USER_NAME: 'u' }],
  ['mq', brokerTls, { ECRON_MQ_CONNECTOR_TYPE: 'kafka', ECRON_MQ_HOST: 'k.test' }],
])('the keys %s_tls', (whose, read, others) => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ecron-tls-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** With these files behind the keys of that ending. */
  const tlsOf = (files: Record<string, string>, isOn = 'true') => {
    const env: Record<string, string> = { ...others };
    const set = (name: string, value: string) => (env[`ECRON_${whose}_TLS${name}`.toUpperCase()] = value);
    set('', isOn);
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(folder, name), text);
      set(`_${name}_FILE`, join(folder, name));
    }
    return read(loadConfig(env, folder));
  };

  it('ask for TLS, with what the files say', () => {
    expect(tlsOf({}, 'false')).toBeUndefined();
    expect(tlsOf({})).toEqual({});
    const files = { ca: pem.CA, cert: pem.CLIENT, key: pem.CLIENT_KEY };
    expect(tlsOf(files)).toEqual(files);
  });

  it.each([
    ['ca', { ca: 'text' }, 'ca_file holds no certificate'],
    ['cert', { cert: 'text', key: pem.CLIENT_KEY }, 'cert_file holds no certificate'],
    ['key', { cert: pem.CLIENT, key: 'text' }, 'key_file holds no private key'],
    ['pair', { cert: pem.CLIENT, key: pem.SERVER_KEY }, 'key_file is not the key'],
  ])('refuse a %s that is of no use', (_, files, fault) => {
    expect(() => tlsOf(files)).toThrow(`the configuration cannot be used: ${whose}_tls_${fault}`);
  });

  it('refuse a file that is not there', () => {
    const env = { ...others, [`ECRON_${whose}_TLS`.toUpperCase()]: 'true' };
    const config = loadConfig({ ...env, [`ECRON_${whose}_TLS_CA_FILE`.toUpperCase()]: '/nowhere' }, folder);
    expect(() => read(config)).toThrow(`${whose}_tls_ca_file cannot be read: ENOENT`);
  });
});
