import { readFileSync } from 'node:fs';
import { loadConfig } from '@ecron/config';
import { parse } from 'yaml';

interface Service {
  command: string[];
  environment: Record<string, string>;
  depends_on: object;
  read_only: boolean;
  ports: string[];
}
const { services } = parse(readFileSync('docker-compose.yaml', 'utf8'), { merge: true }) as {
  services: Record<string, Service>;
};

describe('docker-compose.yaml', () => {
  it.each(['management', 'analysis'])(
    'starts %s with a configuration that it takes, without a notice',
    (name) => {
      const { command, environment, read_only } = services[name] as Service;
      expect([command, read_only]).toEqual([[name], true]);
      const config = loadConfig({ TZ: 'UTC', ...environment }, '/');
      expect(config).toMatchObject({ dbType: 'mysql', mqConnectorType: 'nsq', multiNode: true, notices: [] });
      for (const host of [config.dbAddr, config.mqHost, config.oauthAdminAddr])
        expect(services).toHaveProperty(host ?? '');
    },
  );

  it('lets other machines reach nothing', () => {
    const ports = Object.values(services).flatMap((service) => service.ports ?? []);
    expect(ports.length).toBeGreaterThan(5);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  });
});
