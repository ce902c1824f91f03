import { describeWith, type Endpoints, freePorts, TcpProxy } from '@ecron/testing';
import { Cluster } from '../support/cluster.js';
import { ClusterNode } from '../support/cluster-node.js';
import { cleanEnvironment } from '../support/environment.js';
import { eventually } from '../support/eventually.js';
import { NodeProcess, repositoryFile } from '../support/process.js';
import { TestDatabase } from '../support/test-database.js';

jest.setTimeout(60_000);

/** Runs one service until it ends by itself. */
async function outcome(role: 'management' | 'analysis', env: Record<string, string>) {
  const file = repositoryFile(`dist/apps/${role}/src/main.js`);
  const child = NodeProcess.spawn(file, { env: { ...cleanEnvironment(), ...env } });
  return { code: await child.exited, output: child.output() };
}

describe('a service on its own', () => {
  it.each(['management', 'analysis'] as const)('%s refuses SQLite in one line', async (role) => {
    const { code, output } = await outcome(role, {});
    expect([code, output]).toEqual([
      1,
      `ecron: ${role} on its own needs a database server (db_addr); "npm start" runs both services in one process`,
    ]);
  });
});

describeWith('mariadb', 'a service on a database server', (server: Endpoints['mariadb']) => {
  let database: TestDatabase;
  let proxy: TcpProxy;
  beforeAll(async () => {
    database = await TestDatabase.create(server);
    proxy = new TcpProxy(server);
    proxy.port = await freePorts();
  });
  afterAll(async () => {
    await proxy.close();
    await database.drop();
  });
  const proxied = () => ({ ...database.env, ECRON_DB_PORT: String(proxy.port), ECRON_AUTH_ENABLED: 'false' });

  it('ends at a wrong password in one line, which does not show it', async () => {
    const { code, output } = await outcome('management', { ...database.env, ECRON_USER_PWD: 'hunter2' });
    expect(code).toBe(1);
    const [last] = output.split('\n').filter((line) => !line.startsWith('{'));
    expect(last).toMatch(/^ecron: the database server refuses: Access denied for user/);
    expect(output).not.toContain('hunter2');
  });

  it('ends at an unknown database in one line', async () => {
    const { code, output } = await outcome('analysis', { ...database.env, ECRON_DB_NAME: 'not_there' });
    expect(code).toBe(1);
    expect(output).toContain("ecron: the database server refuses: Unknown database 'not_there'");
  });

  it('told only to check ends at a database that lacks its tables, naming the remedy', async () => {
    const { code, output } = await outcome('analysis', { ...database.env, ECRON_DB_MIGRATE: 'check' });
    expect(code).toBe(1);
    expect(output).toMatch(/^ecron: the database lacks migrations .*npm run migrate$/m);
  });

  it('waits for the server, alive and not ready meanwhile, and runs once it is there', async () => {
    const node = new ClusterNode('management', 'waiting');
    const port = await freePorts();
    const booted = node.boot({ ...proxied(), ECRON_CRON_PORT: String(port) });
    const health = `http://127.0.0.1:${port}/health`;
    try {
      await eventually(async () => expect((await fetch(`${health}/alive`)).status).toBe(200));
      const answer = await fetch(`${health}/ready`);
      expect([answer.status, await answer.text()]).toEqual([503, 'database: away, nothing listens there']);
      await proxy.open();
      await booted;
      expect((await fetch(`${health}/ready`)).status).toBe(200);
    } finally {
      await node.kill();
    }
  });

  it('goes on by polling while its broker is away, which only the verbose answer shows', async () => {
    const nsq = { ECRON_MQ_CONNECTOR_TYPE: 'nsq', ECRON_MQ_HOST: '127.0.0.1' };
    const nodes = [new ClusterNode('analysis', 'a'), new ClusterNode('management', 'm')];
    const broken = {
      ...database.env,
      ...nsq,
      ECRON_MQ_PORT: String(await freePorts()),
      ECRON_AUTH_ENABLED: 'false',
    };
    try {
      for (const node of nodes) await node.boot(broken);
      for (const { url } of nodes) {
        const [brief, verbose] = await Promise.all(
          ['', '?verbose'].map((query) => fetch(`${url}/health/ready${query}`)),
        );
        expect([brief?.status, await brief?.text()]).toEqual([200, 'OK']);
        expect(await verbose?.text()).toMatch(/^broker: degraded, .*work goes on by polling$/m);
      }
    } finally {
      for (const node of nodes) await node.kill();
    }
  });
});

describeWith(['mariadb', 'nsq'], 'a cluster', () => {
  it('shows its nodes to an admin, and says at the start what it runs on', async () => {
    const cluster = await Cluster.start({ broker: 'nsq' });
    try {
      const { items } = await cluster.api.get<{ items: object[] }>('/node');
      expect(items).toHaveLength(4);
      for (const { name, role } of cluster.nodes) {
        expect(items).toContainEqual(expect.objectContaining({ name, role, live: true, running: 0 }));
      }
      expect(cluster.output()).toMatch(
        /ECron runs on (MariaDB|MySQL) \S+ at \S+ \(with(OUT)? skip locked\) and NSQ/i,
      );
      expect(cluster.output()).not.toContain('"user_pwd"');
    } finally {
      await cluster.discard();
    }
  });
});
