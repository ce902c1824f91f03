import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { CLIENT, CLIENT_KEY, ELSEWHERE, SERVER, SERVER_KEY } from '../../../../test/support/certificates.js';
import { CertificateWatch } from './certificate-watch.js';

describe('the watch over a certificate', () => {
  let folder: string;
  let server: Server;
  let watch: CertificateWatch;
  let errors: string[];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ecron-tls-'));
    write(SERVER, SERVER_KEY);
    const current = { cert: SERVER, key: SERVER_KEY };
    server = createServer(current).listen(0, '127.0.0.1');
    await once(server, 'listening');
    errors = [];
    const files = { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') };
    const logger = { log: () => undefined, error: ({ msg }: { msg: string }) => errors.push(msg) };
    watch = new CertificateWatch(server, files, current, logger);
  });
  afterEach(async () => {
    server.close();
    await once(server, 'close');
    rmSync(folder, { recursive: true });
  });

  function write(cert: string, key: string): void {
    writeFileSync(join(folder, 'cert.pem'), cert);
    writeFileSync(join(folder, 'key.pem'), key);
  }

  /** Whom the server says that it is. */
  async function served(): Promise<string> {
    const { port } = server.address() as AddressInfo;
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const { subject } = socket.getPeerCertificate();
    socket.destroy();
    return String(subject.CN);
  }

  it('lets things be while the files are what they were', async () => {
    expect(await watch.check()).toBe('same');
    expect(await served()).toBe('localhost');
  });

  it('gives new connections the renewed certificate', async () => {
    write(ELSEWHERE, SERVER_KEY);
    expect(await watch.check()).toBe('renewed');
    expect(await served()).toBe('elsewhere');
    expect(await watch.check()).toBe('same');
  });

  it('keeps the old one while only half of the pair is there, says so once, and takes the whole', async () => {
    write(CLIENT, SERVER_KEY);
    expect([await watch.check(), await watch.check()]).toEqual(['unusable', 'unusable']);
    expect(errors).toEqual([expect.stringContaining('key_file is not the key of cert_file')]);
    expect(await served()).toBe('localhost');
    write(CLIENT, CLIENT_KEY);
    expect(await watch.check()).toBe('renewed');
    expect(await served()).toBe('client one');
  });

  it.each([
    ['no certificate', () => write('rubbish', SERVER_KEY)],
    ['no key', () => write(SERVER, 'rubbish')],
    ['nothing', () => rmSync(join(folder, 'key.pem'))],
  ])('keeps the old one where there is %s', async (_, spoil) => {
    spoil();
    expect(await watch.check()).toBe('unusable');
    expect(await served()).toBe('localhost');
    expect(errors).toHaveLength(1);
    expect(errors[0]).not.toContain('PRIVATE');
  });
});
