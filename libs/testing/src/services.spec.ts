import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endpointOf } from './services.js';

describe('endpointOf', () => {
  const kafka = { brokers: ['127.0.0.1:9'], version: '4.4.0' };
  const before = process.env['ECRON_SERVICES_DIR'];
  let dir: string;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'ecron-services-'));
    mkdirSync(join(dir, 'run'));
    process.env['ECRON_SERVICES_DIR'] = dir;
  });
  afterEach(() => {
    if (before === undefined) delete process.env['ECRON_SERVICES_DIR'];
    else process.env['ECRON_SERVICES_DIR'] = before;
    rmSync(dir, { recursive: true });
  });
  const endpoints = (content: object) => writeFileSync(join(dir, 'endpoints.json'), JSON.stringify(content));

  it('knows nothing where no services were ever started', () => {
    expect(endpointOf('kafka')).toBeNull();
  });

  it('tells what the endpoints file says, and nothing of a component that is not in it', () => {
    endpoints({ dir, kafka });
    expect(endpointOf('kafka')).toEqual(kafka);
    expect(endpointOf('mariadb')).toBeNull();
  });

  it('takes a component whose process is gone as absent, though the file still names it', () => {
    endpoints({ dir, kafka });
    const pidFile = join(dir, 'run', 'kafka.pid');
    writeFileSync(pidFile, `${process.pid} 1`);
    expect(endpointOf('kafka')).toEqual(kafka);
    // Above the largest pid that Linux can give.
    writeFileSync(pidFile, '4194305 1');
    expect(endpointOf('kafka')).toBeNull();
  });
});

describe('the components in containers', () => {
  const textOf = (path: string) => readFileSync(join(__dirname, '../../..', path), 'utf8');

  it.each([
    ['kafka', 'KAFKA_VERSION', 'apache/kafka'],
    ['nsq', 'NSQ_VERSION', 'nsqio/nsq'],
    ['hydra', 'HYDRA_VERSION', 'oryd/hydra'],
  ])('are of the version that the script installs: %s', (_, variable, image) => {
    const version = new RegExp(`^${variable}=(.+)$`, 'm').exec(textOf('scripts/services.sh'))?.[1];
    const images = [...textOf('docker-compose.yaml').matchAll(new RegExp(`image: ${image}:(.+)`, 'g'))];
    expect(new Set(images.map(([, tag]) => tag))).toEqual(new Set([version]));
  });

  it('say so in their file of endpoints', () => {
    const { kafka } = JSON.parse(textOf('scripts/compose/endpoints.json')) as { kafka: { version: string } };
    expect(textOf('docker-compose.yaml')).toContain(`image: apache/kafka:${kafka.version}\n`);
  });
});
