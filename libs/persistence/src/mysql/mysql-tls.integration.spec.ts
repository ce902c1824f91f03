import { describeWith, MysqlTestDatabase, MysqlTlsProxy, TcpProxy } from '@ecron/testing';
import * as pem from '../../../../test/support/certificates.js';
import { type MysqlSettings, openMysql } from '../index.js';

describeWith('mariadb', 'a database server over TLS', (server) => {
  let test: MysqlTestDatabase;
  let proxies: { close(): Promise<void> }[];

  beforeAll(async () => {
    test = await MysqlTestDatabase.create(server);
  });
  afterAll(() => test.drop());
  beforeEach(() => {
    proxies = [];
  });
  afterEach(() => Promise.all(proxies.map((proxy) => proxy.close())));

  const listen = async (cert = pem.SERVER, more: object = {}): Promise<MysqlTlsProxy> => {
    const proxy = await new MysqlTlsProxy(server, { cert, key: pem.SERVER_KEY, ...more }).open();
    proxies.push(proxy);
    return proxy;
  };
  const through = ({ port }: { port: number }, tls?: MysqlSettings['tls']): MysqlSettings => ({
    ...test.settings,
    host: 'localhost',
    port,
    ...(tls && { tls }),
  });

  it('is spoken to by every connection, migrations included', async () => {
    const proxy = await listen();
    const database = await openMysql(through(proxy, { ca: pem.CA }));
    await database.write('edit', (sql) => sql.run(`INSERT INTO ecron_meta (name, value) VALUES ('a', 'b')`));
    expect(await database.read(`SELECT value FROM ecron_meta WHERE name = 'a'`)).toEqual([{ value: 'b' }]);
    await database.close();
    // The first, that of the migrations, and one each to write and to read.
    expect(proxy.secured).toEqual(['', '', '', '']);
  });

  it('is shown the certificate that it asks for', async () => {
    const proxy = await listen(pem.SERVER, { requestCert: true });
    const database = await openMysql(through(proxy, { ca: pem.CA, cert: pem.CLIENT, key: pem.CLIENT_KEY }));
    await database.close();
    expect(new Set(proxy.secured)).toEqual(new Set(['client one']));
  });

  it.each([
    ['that nobody vouches for', pem.SERVER, {}],
    ['whose certificate has expired', pem.EXPIRED, { ca: pem.CA }],
    ['whose certificate is another one’s', pem.ELSEWHERE, { ca: pem.CA }],
  ])('is told nothing %s', async (_, cert, tls) => {
    const proxy = await listen(cert);
    await expect(openMysql(through(proxy, tls))).rejects.toThrow();
    expect(proxy.secured).toEqual([]);
  });

  it('is told nothing in clear, where it offers nothing else', async () => {
    const clear = await new TcpProxy(server).open();
    proxies.push(clear);
    await expect(openMysql(through(clear, { ca: pem.CA }))).rejects.toThrow('secure connection');
  });
});
