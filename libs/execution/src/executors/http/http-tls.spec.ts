import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { attemptOf, closeExecutors, createExecutor, NEVER } from '../../../test/http-attempt.js';
import { closeTargets, listenHttp, listenHttps } from '../../../../../test/support/http-target.js';

/** Self-signed for localhost and 127.0.0.1, valid until 2120; the key guards nothing. */
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgyjwgSjEkNcDSITs7
XVWr/7w2U1MF9XF5Lk8Yt1sFKaihRANCAARwp1k5ryCrojy4EcWdGAmhSMNsEyr/
+kAvtdUL6W7aQn6V0H6Klg/dCYOP2kj5nH0QfCN/PyQw0qwZ53BZsEyX
-----END PRIVATE KEY-----
`;
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBaDCCAQ2gAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABHCnWTmvIKuiPLgR
xZ0YCaFIw2wTKv/6QC+11QvpbtpCfpXQfoqWD90Jg4/aSPmcfRB8I38/JDDSrBnn
cFmwTJejTjBMMBoGA1UdEQQTMBGCCWxvY2FsaG9zdIcEfwAAATAPBgNVHRMBAf8E
BTADAQH/MB0GA1UdDgQWBBQtWiuCGBsmoAp7s8yC3uw0jDreiDAKBggqhkjOPQQD
AgNJADBGAiEAqDvKKPfcRrMgds84Wt8h2Nc/quKMzTA0bw42Xr9V1T0CIQD3lXbU
K4tMbzXVevuDMHx5f8uiGY+buX0Td/5TVcjV+A==
-----END CERTIFICATE-----
`;

describe('a target behind TLS', () => {
  const trusted = getCACertificates('default');

  afterEach(async () => {
    setDefaultCACertificates(trusted);
    closeTargets();
    await closeExecutors();
  });

  it('is refused, with a word about its certificate, when nobody we trust vouches for it', async () => {
    const target = await listenHttps({ key: KEY, cert: CERTIFICATE }, (response) => response.end());
    expect(await createExecutor().run(attemptOf(target.origin), NEVER)).toEqual({
      kind: 'failed',
      retryable: true,
      error: `certificate of 127.0.0.1:${target.port} refused: self-signed certificate`,
      result: null,
    });
    expect(target.received).toEqual([]);
  });

  it('is called when its certificate is trusted', async () => {
    const target = await listenHttps({ key: KEY, cert: CERTIFICATE }, (response) => response.end('safe'));
    setDefaultCACertificates([...trusted, CERTIFICATE]);
    const outcome = await createExecutor().run(attemptOf(`https://localhost:${target.port}/`), NEVER);
    expect(outcome).toEqual({ kind: 'succeeded', statusCode: 200, result: '"safe"' });
  });

  it('is called unverified where its job says so, and only there', async () => {
    const credentials = { key: KEY, cert: CERTIFICATE };
    const other = await listenHttps(credentials, (response) => response.end('other'));
    const target = await listenHttps(credentials, (response, { url }) => {
      if (url === '/away') response.writeHead(302, { location: `${other.origin}/` });
      if (url === '/on') response.writeHead(302, { location: '/end' });
      response.end('there');
    });
    const run = (path: string, verify: boolean) =>
      createExecutor().run(attemptOf(target.origin + path, { tls: { verify } }), NEVER);
    expect(await run('/on', false)).toMatchObject({ kind: 'succeeded', result: '"there"' });
    expect(await run('/on', true)).toMatchObject({ kind: 'failed' });
    expect(await run('/away', false)).toMatchObject({
      kind: 'failed',
      error: expect.stringContaining(`certificate of 127.0.0.1:${other.port} refused`) as string,
    });
    expect(other.received).toEqual([]);
  });

  it('that does not speak TLS is a failed attempt', async () => {
    const { port } = await listenHttp((response) => response.end());
    const outcome = await createExecutor().run(attemptOf(`https://127.0.0.1:${port}/`), NEVER);
    expect(outcome).toMatchObject({
      kind: 'failed',
      retryable: true,
      error: `no TLS connection to 127.0.0.1:${port}`,
    });
  });
});
