import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAuthEnabled, listenAddress, tokenServerUrl } from './config.js';
import { ConfigError, type Problem } from './config-error.js';
import { loadConfig } from './load-config.js';

describe('loadConfig', () => {
  let folder: string;
  const write = (name: string, content: string) => writeFileSync(join(folder, name), content);
  const problemsOf = (env: Record<string, string> = {}): readonly Problem[] => {
    try {
      loadConfig(env, folder);
      return [];
    } catch (error) {
      if (error instanceof ConfigError) return error.problems;
      throw error;
    }
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ecron-config-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('needs nothing to be set', () => {
    expect(loadConfig({}, folder)).toEqual({
      cronAddr: null,
      cronPort: 12345,
      anlysPort: 32346,
      webhook: '/api/ecron-management/v1/executionresult',
      jobFailures: 3,
      timeZone: 'UTC',
      httpCompletion: 'auto',
      lang: 'zh_CN',
      dbType: 'sqlite',
      dataDir: join(folder, 'data'),
      mqConnectorType: 'memory',
      authEnabled: null,
      oauthAdminProtocol: 'http',
      oauthAdminAddr: '127.0.0.1',
      oauthAdminPort: 4445,
      logLevel: 'info',
      nodeConcurrency: 1000,
      shutdownGraceS: 30,
      notices: [],
    });
  });

  it('is frozen', () => {
    const config = loadConfig({}, folder);
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.notices)).toBe(true);
  });

  it('merges main file, secret file, queue file and environment, the later ones winning', () => {
    write('cronsvr.yaml', 'job_failures: 1\ncron_port: 1\nanlys_port: 1\nlang: en_US\n');
    write('cronsvr-secret.yaml', 'cron_port: 2\nanlys_port: 2\n');
    write('mq_config.yaml', 'mqType: memory\n');
    const config = loadConfig({ ECRON_ANLYS_PORT: '3' }, folder);
    expect(config).toMatchObject({
      jobFailures: 1,
      cronPort: 2,
      anlysPort: 3,
      lang: 'en_US',
      mqConnectorType: 'memory',
    });
  });

  it('reads the file that ECRON_CONFIG names, and the others beside that one', () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'ecron-config-'));
    writeFileSync(join(elsewhere, 'my.yaml'), 'cron_port: 7');
    writeFileSync(join(elsewhere, 'cronsvr-secret.yaml'), 'anlys_port: 8');
    write('cronsvr.yaml', 'lang: en_US');
    const config = loadConfig({ ECRON_CONFIG: join(elsewhere, 'my.yaml') }, folder);
    expect(config).toMatchObject({ cronPort: 7, anlysPort: 8, lang: 'zh_CN' });
    rmSync(elsewhere, { recursive: true });
  });

  it('refuses a missing file only when it was asked for by name', () => {
    expect(problemsOf({ ECRON_CONFIG: 'gone.yaml' })).toEqual([
      { key: '', source: 'gone.yaml', rule: 'cannot be read (ENOENT)' },
    ]);
  });

  it('takes the spellings of historic files', () => {
    write(
      'cronsvr.yaml',
      'auth_enabled: "false"\ncron_port: "32345"\noauth_admin_addr: 10\ntime_zone: ""\nlang:\n',
    );
    expect(loadConfig({}, folder)).toMatchObject({
      authEnabled: false,
      cronPort: 32345,
      oauthAdminAddr: '10',
      timeZone: 'UTC',
      lang: 'zh_CN',
    });
  });

  it.each([
    ['true', true],
    ['"FALSE"', false],
    ['1', true],
    ['0', false],
    ['yes', true],
    ['off', false],
  ])('reads the boolean %s', (spelling, meaning) => {
    write('cronsvr.yaml', `auth_enabled: ${spelling}`);
    expect(loadConfig({}, folder).authEnabled).toBe(meaning);
  });

  it.each([
    ['ECRON_JOB_FAILURES', '0', 'must be a whole number from 1 to 1000'],
    ['ECRON_JOB_FAILURES', '2.5', 'must be a whole number from 1 to 1000'],
    ['ECRON_CRON_PORT', '65536', 'must be a port from 0 to 65535 (0: any free one)'],
    ['ECRON_CRON_PORT', 'tcp://10.0.0.1:80', 'must be a port from 0 to 65535 (0: any free one)'],
    ['ECRON_TIME_ZONE', 'Mars/Olympus', 'must be an IANA time zone such as Asia/Shanghai'],
    ['ECRON_TIME_ZONE', '+08:00', 'must be an IANA time zone such as Asia/Shanghai'],
    ['ECRON_LANG', 'fr_FR', 'must be one of zh_CN, zh_TW, en_US'],
    ['ECRON_AUTH_ENABLED', 'perhaps', 'must be true or false'],
    [
      'ECRON_WEBHOOK',
      'executionresult',
      'must be a path that begins with / and has no query, fragment or blank',
    ],
    ['ECRON_WEBHOOK', '/a?b', 'must be a path that begins with / and has no query, fragment or blank'],
  ])('refuses %s=%s by its rule', (name, value, rule) => {
    expect(problemsOf({ [name]: value })).toEqual([{ key: name.slice(6).toLowerCase(), source: name, rule }]);
  });

  it('refuses a nested value where a plain one belongs', () => {
    write('cronsvr.yaml', 'cron_port: [1]\nlang: {a: 1}\ndata_dir: [x]');
    expect(problemsOf().map(({ key }) => key)).toEqual(['cron_port', 'lang', 'data_dir']);
  });

  it('reports all problems at once and never a value', () => {
    write('cronsvr.yaml', 'cron_port: hunter2\ncron_prot: hunter2\n');
    write('cronsvr-secret.yaml', 'user_pwd: "hunter2');
    const error = captured(() => loadConfig({ ECRON_LANG: 'hunter2' }, folder));
    expect(error.message).toBe(
      [
        'the configuration cannot be used:',
        'cronsvr-secret.yaml is not valid YAML at line 1 (MISSING_CHAR)',
        'cron_prot (cronsvr.yaml) is not a known key; did you mean cron_port?',
        'cron_port (cronsvr.yaml) must be a port from 0 to 65535 (0: any free one)',
        'lang (ECRON_LANG) must be one of zh_CN, zh_TW, en_US',
      ].join('\n  '),
    );
  });

  it('suggests nothing for an unknown key that resembles none', () => {
    expect(problemsOf({ ECRON_ZEBRA: '1' })).toEqual([
      { key: 'zebra', source: 'ECRON_ZEBRA', rule: 'is not a known key' },
    ]);
  });

  it('refuses a key that is given twice in a file, and a file that holds no keys', () => {
    write('cronsvr.yaml', 'cron_port: 1\ncron_port: 2');
    expect(problemsOf()[0]?.rule).toContain('DUPLICATE_KEY');
    write('cronsvr.yaml', '- cron_port');
    expect(problemsOf()).toEqual([{ key: '', source: 'cronsvr.yaml', rule: 'must hold keys and values' }]);
  });

  it('does not mistake the variables that Kubernetes adds for keys', () => {
    const env = {
      ECRON_MANAGEMENT_SERVICE_HOST: '10.0.0.1',
      ECRON_MANAGEMENT_SERVICE_PORT: '32345',
      ECRON_MANAGEMENT_PORT: 'tcp://10.0.0.1:32345',
      ECRON_MANAGEMENT_PORT_32345_TCP_ADDR: '10.0.0.1',
      ECRON_PORT: 'tcp://10.0.0.1:32345',
    };
    expect(problemsOf(env)).toEqual([]);
  });

  it('accepts the keys of an old deployment, each with one notice', () => {
    write('cronsvr.yaml', 'multi_node: false\nanalysis_load_sleep: 20\nuser_pwd: hunter2\ncert_file: ""\n');
    write('mq_config.yaml', 'mqHost: nsqd\nauth:\n  username: u\n  password: hunter2\n');
    const { notices } = loadConfig({}, folder);
    expect(notices).toEqual([
      'multi_node (cronsvr.yaml) has no effect in this version: one process runs everything',
      'analysis_load_sleep (cronsvr.yaml) has no effect: nothing is polled at this interval',
      'user_pwd (cronsvr.yaml) is used with MySQL only, which this version does not have',
      'mqHost (mq_config.yaml) is used with a message broker only, which this version does not have',
      'auth.username (mq_config.yaml) is used with a message broker only, which this version does not have',
      'auth.password (mq_config.yaml) is used with a message broker only, which this version does not have',
    ]);
  });

  it('refuses to start beside the database and broker that a file asks for', () => {
    write('cronsvr.yaml', 'db_addr: db.example.com');
    write('mq_config.yaml', 'mqType: nsq');
    expect(problemsOf().map(({ key }) => key)).toEqual(['db_addr', 'mqType']);
  });

  it('goes on without them when told so', () => {
    write('cronsvr.yaml', 'db_addr: db.example.com\nmq_connector_type: kafka');
    const config = loadConfig({ ECRON_DB_TYPE: 'sqlite', ECRON_MQ_CONNECTOR_TYPE: 'memory' }, folder);
    expect(config).toMatchObject({ dbType: 'sqlite', mqConnectorType: 'memory' });
    expect(config.notices).toHaveLength(1);
  });

  it('takes the time zone from TZ only where that names a zone', () => {
    expect(loadConfig({ TZ: 'Asia/Shanghai' }, folder).timeZone).toBe('Asia/Shanghai');
    expect(loadConfig({ TZ: ':/etc/localtime' }, folder).timeZone).toBe('UTC');
    expect(loadConfig({ TZ: 'Asia/Shanghai', ECRON_TIME_ZONE: 'Europe/Paris' }, folder).timeZone).toBe(
      'Europe/Paris',
    );
  });

  it('keeps the standalone process to itself unless cron_addr says otherwise', () => {
    const config = loadConfig({}, folder);
    expect(listenAddress(config, 'standalone')).toBe('127.0.0.1');
    expect(isAuthEnabled(config, 'standalone')).toBe(false);
    expect(listenAddress(config, 'management')).toBe('0.0.0.0');
    expect(isAuthEnabled(config, 'management')).toBe(true);
    const open = loadConfig({ ECRON_CRON_ADDR: '0.0.0.0', ECRON_AUTH_ENABLED: 'true' }, folder);
    expect(listenAddress(open, 'standalone')).toBe('0.0.0.0');
    expect(isAuthEnabled(open, 'standalone')).toBe(true);
  });

  it('makes one URL of the token server keys', () => {
    const config = loadConfig(
      { ECRON_OAUTH_ADMIN_ADDR: 'fd00::1', ECRON_OAUTH_ADMIN_PROTOCOL: 'https' },
      folder,
    );
    expect(tokenServerUrl(config)).toBe('https://[fd00::1]:4445');
  });
});

function captured(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}
