import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { Agent, request } from 'undici';
import { CA, CLIENT_KEY, ELSEWHERE, SERVER, SERVER_KEY } from '../support/certificates.js';
import { eventually } from '../support/eventually.js';
import { Standalone } from '../support/standalone.js';

jest.setTimeout(60_000);

describe('a service with ssl_on', () => {
  let folder: string;
  let env: Record<string, string>;
  let app: Standalone;
  const agent = new Agent({ connect: { ca: CA } });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ecron-tls-'));
    await writeFile(join(folder, 'cert.pem'), SERVER);
    await writeFile(join(folder, 'key.pem'), SERVER_KEY);
    env = {
      ECRON_SSL_ON: 'true',
      ECRON_CERT_FILE: join(folder, 'cert.pem'),
      ECRON_KEY_FILE: join(folder, 'key.pem'),
    };
    app = await Standalone.start(env);
  });
  afterAll(async () => {
    await app?.discard();
    await agent.close();
    await rm(folder, { recursive: true });
  });

  it('speaks HTTPS, and nothing else', async () => {
    expect(app.management).toMatch(/^https:/);
    const { statusCode, headers } = await request(`${app.management}/health/alive`, { dispatcher: agent });
    expect([statusCode, headers['strict-transport-security']]).toEqual([200, 'max-age=31536000']);
    await expect(request(app.management.replace('https:', 'http:'))).rejects.toThrow();
  });

  it('takes up a renewed certificate while it runs', async () => {
    await writeFile(join(folder, 'cert.pem'), ELSEWHERE);
    await eventually(async () => expect(await subjectOf(app.management)).toBe('elsewhere'), 20_000);
  });

  it.each([
    ['is not that of the certificate', CLIENT_KEY, 'key_file is not the key of cert_file'],
    ['is none', 'rubbish', 'key_file holds no private key in PEM'],
  ])('does not start where the key %s', async (_, key, why) => {
    await writeFile(join(folder, 'other.pem'), key);
    const started = Standalone.start({ ...env, ECRON_KEY_FILE: join(folder, 'other.pem') });
    await expect(started).rejects.toThrow(`ecron: the configuration cannot be used: ${why}`);
  });
});

async function subjectOf(url: string): Promise<string> {
  const { hostname: host, port } = new URL(url);
  const socket = connect({ host, port: Number(port), rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return String(subject.CN);
}
