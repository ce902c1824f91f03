import { type TLSSocket } from 'node:tls';
import { type HttpTls } from '@ecron/domain';
import * as pem from '../../../../../test/support/certificates.js';
import { attemptOf, closeExecutors, createExecutor, NEVER } from '../../../test/http-attempt.js';
import { closeTargets, listenHttps, type Target } from '../../../../../test/support/http-target.js';
import { type HttpExecutor } from './http.executor.js';

afterEach(async () => {
  closeTargets();
  await closeExecutors();
});

const OWN_CA = { ca: pem.CA };
const CLIENT = { ...OWN_CA, cert: pem.CLIENT, key: pem.CLIENT_KEY };

/** Answers with the name in the client's certificate; `/away` leads to that place. */
async function listenAskingWho(away = '/'): Promise<Target> {
  const asking = { requestCert: true, ca: pem.CA, key: pem.SERVER_KEY, cert: pem.SERVER };
  return listenHttps({ ...asking, rejectUnauthorized: false }, (response, { url }, request) => {
    if (url === '/away') response.writeHead(302, { location: away });
    response.end(String((request.socket as TLSSocket).getPeerCertificate().subject?.CN ?? 'nobody'));
  });
}

const run = (url: string, tls: HttpTls = {}, executor: HttpExecutor = createExecutor()) =>
  executor.run(attemptOf(url, { tls }), NEVER);

async function runAt(cert: string, tls: HttpTls) {
  const target = await listenHttps({ key: pem.SERVER_KEY, cert }, (response) => response.end('safe'));
  return { outcome: await run(target.origin, tls), target };
}

describe("a job's own authority", () => {
  it('vouches for its target', async () => {
    expect((await runAt(pem.SERVER, OWN_CA)).outcome).toMatchObject({ kind: 'succeeded', result: '"safe"' });
  });

  it.each([
    ['has expired', pem.EXPIRED, 'certificate has expired'],
    ['is for another host', pem.ELSEWHERE, "Hostname/IP does not match certificate's altnames"],
  ])('does not vouch for a certificate that %s', async (_, cert, words) => {
    const { outcome, target } = await runAt(cert, OWN_CA);
    expect(outcome).toMatchObject({
      kind: 'failed',
      retryable: true,
      error: expect.stringContaining(`certificate of 127.0.0.1:${target.port} refused: ${words}`) as string,
    });
    expect(target.received).toEqual([]);
  });

  it('is the only one that counts', async () => {
    const { outcome } = await runAt(pem.SERVER, { ca: pem.CLIENT });
    expect(outcome).toMatchObject({ error: expect.stringContaining('refused') as string });
  });

  it('does not vouch for where a redirect leads to', async () => {
    const other = await listenAskingWho();
    const target = await listenAskingWho(other.origin);
    expect(await run(`${target.origin}/away`, OWN_CA)).toMatchObject({
      error: expect.stringContaining(`certificate of 127.0.0.1:${other.port} refused`) as string,
    });
  });
});

describe("a job's client certificate", () => {
  it('is shown to its target', async () => {
    const { origin } = await listenAskingWho();
    expect(await run(origin, CLIENT)).toMatchObject({ kind: 'succeeded', result: '"client one"' });
  });

  it('is what a target can insist on', async () => {
    const strict = { requestCert: true, ca: pem.CA, key: pem.SERVER_KEY, cert: pem.SERVER };
    const { origin } = await listenHttps(strict, (response) => response.end('in'));
    expect(await run(origin, OWN_CA)).toMatchObject({ kind: 'failed', retryable: true });
    expect(await run(origin, CLIENT)).toMatchObject({ kind: 'succeeded', result: '"in"' });
  });

  it('is never shown on behalf of another job, though their target is the same', async () => {
    const executor = createExecutor();
    const { origin } = await listenAskingWho();
    await run(origin, CLIENT, executor);
    expect(await run(origin, OWN_CA, executor)).toMatchObject({ result: '"nobody"' });
    expect(await run(origin, { verify: false }, executor)).toMatchObject({ result: '"nobody"' });
  });

  it('is not shown where a redirect leads to', async () => {
    const other = await listenAskingWho();
    const target = await listenAskingWho(other.origin);
    const tls = { verify: false, cert: pem.CLIENT, key: pem.CLIENT_KEY };
    const executor = createExecutor({ tls: { verify: false } });
    expect(await run(`${target.origin}/away`, tls, executor)).toMatchObject({ result: '"nobody"' });
  });
});

describe('the TLS options of a deployment', () => {
  it('add an authority to those that are trusted anyway', async () => {
    const { origin } = await listenAskingWho();
    expect(await run(origin, {}, createExecutor({ tls: { ca: pem.CA } }))).toMatchObject({
      kind: 'succeeded',
    });
    expect(await run(origin)).toMatchObject({ kind: 'failed' });
  });

  it('can give verification up, but not that of a job with an authority of its own', async () => {
    const executor = createExecutor({ tls: { verify: false } });
    const { origin } = await listenAskingWho();
    expect(await run(origin, {}, executor)).toMatchObject({ kind: 'succeeded' });
    expect(await run(origin, { ca: pem.CLIENT }, executor)).toMatchObject({ kind: 'failed' });
  });
});

describe('many ways to make TLS connections', () => {
  it('are kept for 64 at a time; the one unused for longest loses its connections', async () => {
    const executor = createExecutor();
    const connections = new Set<unknown>();
    const lasting = { key: pem.SERVER_KEY, cert: pem.SERVER, keepAliveTimeout: 600_000 };
    const target = await listenHttps(lasting, (response, _, request) => {
      connections.add(request.socket);
      response.end();
    });
    const way = (i: number): HttpTls => ({ ca: `${pem.CA}${'\n'.repeat(i)}` });
    for (let i = 0; i < 64; i += 1) await run(target.origin, way(i), executor);
    await run(target.origin, way(0), executor);
    expect(connections.size).toBe(64);
    await run(target.origin, way(64), executor);
    await run(target.origin, way(0), executor);
    expect(connections.size).toBe(65);
    await run(target.origin, way(1), executor);
    expect(connections.size).toBe(66);
  });
});

describe('a job with TLS options that cannot be used', () => {
  const check = (tls: HttpTls) => createExecutor().check(attemptOf('https://target.test', { tls }).context);

  it.each<[string, HttpTls, string, string]>([
    ['an authority that is no PEM', { ca: 'x' }, 'ca', 'must be certificates in PEM'],
    [
      'a certificate that is cut',
      { cert: pem.CLIENT.replace(/\n.{20}/, '\n'), key: pem.CLIENT_KEY },
      'cert',
      'must be certificates in PEM',
    ],
    [
      'a key that is no PEM',
      { cert: pem.CLIENT, key: 'secret' },
      'key',
      'must be a private key in PEM without a passphrase',
    ],
    ['the key of another', { cert: pem.CLIENT, key: pem.SERVER_KEY }, 'key', 'does not belong to cert'],
  ])('is refused for %s when it is saved', (_, tls, member, rule) => {
    expect(check(tls)).toEqual({ path: `job_context.info.tls.${member}`, rule });
  });

  it('is taken with what can be used', () => {
    expect(check(CLIENT)).toBeNull();
    expect(check({ ca: pem.CA + pem.SERVER })).toBeNull();
  });

  it('that was saved all the same ends its run, without the secret', async () => {
    expect(await run('https://127.0.0.1:1', { cert: pem.CLIENT, key: 'secret' })).toEqual({
      kind: 'failed',
      retryable: false,
      reason: 'bad target',
      error: 'job_context.info.tls.key must be a private key in PEM without a passphrase',
      result: null,
    });
  });
});
