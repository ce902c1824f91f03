import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, type ProcessRole } from '@ecron/config';
import { ownAddresses } from './own-addresses.js';

describe('the addresses of our own', () => {
  let folder: string;
  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'ecron-own-'))));
  afterAll(() => rmSync(folder, { recursive: true }));

  const placesOf = (env: Record<string, string>, role: ProcessRole = 'standalone'): string[] =>
    ownAddresses(loadConfig(env, folder), role, env).map(({ host, port, what }) => `${host}:${port} ${what}`);

  it('are both services of a standalone process, and nothing it does not use', () => {
    expect(placesOf({})).toEqual([
      '127.0.0.1:12345 the management service',
      '127.0.0.1:32346 the analysis service',
    ]);
  });

  it('leave out a port that is not known yet', () => {
    expect(placesOf({ ECRON_CRON_PORT: '0', ECRON_ANLYS_PORT: '0' })).toEqual([]);
  });

  it('are database, broker, token server and Kubernetes API of a deployment', () => {
    const env = {
      ECRON_DB_ADDR: 'db',
      ECRON_USER_NAME: 'u',
      ECRON_MQ_CONNECTOR_TYPE: 'kafka',
      ECRON_MQ_HOST: 'kafka-1, kafka-2:9093,[fd00::1]:9094',
      ECRON_OAUTH_ADMIN_ADDR: 'hydra',
      KUBERNETES_SERVICE_HOST: '10.96.0.1',
      KUBERNETES_SERVICE_PORT: '6443',
    };
    expect(placesOf(env, 'management')).toEqual([
      '0.0.0.0:12345 the management service',
      '0.0.0.0:32346 the analysis service',
      'db:3306 the database of this service',
      'kafka-1:9092 the broker of this service',
      'kafka-2:9093 the broker of this service',
      '[fd00::1]:9094 the broker of this service',
      'hydra:4445 the token server',
      '10.96.0.1:6443 the Kubernetes API',
    ]);
  });

  it('are, of NSQ, the ports for HTTP and for TCP of both hosts, whichever is which', () => {
    const env = {
      ECRON_MQ_CONNECTOR_TYPE: 'nsq',
      ECRON_MQ_HOST: 'nsqd',
      ECRON_MQ_PORT: '5150',
      ECRON_MQ_LOOKUPD_HOST: 'lookupd',
    };
    const places = placesOf(env);
    for (const host of ['nsqd', 'lookupd']) {
      for (const port of [4150, 4151, 4160, 4161, 5150, 5151]) {
        expect(places).toContain(`${host}:${port} the broker of this service`);
      }
    }
  });
});
