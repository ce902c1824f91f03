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
      ...{ authCacheS: 60, authScopeClaim: null, requireScopes: false, callbackSecret: null },
      ...{ secretKey: null, secretKeyFile: null },
      ...{ corsOrigins: null, trustedProxies: null, rateLimitCaller: 500, rateLimitAddress: 2000 },
      ...{
        metricsToken: null,
        notifyConcurrency: 100,
        notifyHostConcurrency: 20,
        notifyPending: 1_000,
        notifyRetentionS: 604_800,
      },
      ...{ traceOtlpUrl: null, traceSampleRatio: 1 },
      ...{ sslOn: false, certFile: null, keyFile: null },
      ...{ oauthClientId: null, oauthClientSecret: null, oauthClientSecretFile: null },
      ...{ oauthClientAuth: 'client_secret_basic', oauthRedirectUrl: null, oauthScope: null },
      ...{
        oauthPublicProtocol: 'http',
        oauthPublicAddr: '127.0.0.1',
        oauthPublicPort: 4444,
        sessionKey: null,
      },
      exeAllow: null,
      exeDir: null,
      exeUser: null,
      exeTenants: null,
      exeLimits: null,
      publishTopics: null,
      cronAddr: null,
      cronPort: 12345,
      anlysPort: 32346,
      webhook: '/api/ecron-management/v1/executionresult',
      jobFailures: 3,
      timeZone: 'UTC',
      httpCompletion: null,
      httpHostConnections: 512,
      httpPrivateTargets: 'allow',
      httpAllowHosts: null,
      httpAllowCidrs: null,
      dbTls: false,
      dbTlsCaFile: null,
      dbTlsCertFile: null,
      dbTlsKeyFile: null,
      mqTls: false,
      mqTlsCaFile: null,
      mqTlsCertFile: null,
      mqTlsKeyFile: null,
      httpTlsCaFile: null,
      httpTlsVerify: true,
      tenantConcurrency: 0,
      tenantConcurrencyOverrides: null,
      hostConcurrency: 0,
      tenantJobs: 0,
      tenantJobsOverrides: null,
      tenantRequestsPerMinute: 0,
      tenantRequestsPerMinuteOverrides: null,
      tenantStartsPerMinute: 0,
      tenantStartsPerMinuteOverrides: null,
      kubernetesConfig: null,
      kubernetesImagePullSecrets: null,
      kubernetesNamespace: null,
      kubernetesServiceAccount: 'default',
      lang: 'zh_CN',
      dbType: 'sqlite',
      dataDir: join(folder, 'data'),
      dbMigrate: 'auto',
      dbAddr: null,
      dbPort: 3306,
      dbName: 'ecron',
      systemId: '',
      userName: null,
      userPwd: null,
      maxOpenConns: 14,
      timeout: 5,
      readTimeout: 30,
      writeTimeout: 10,
      mqConnectorType: 'memory',
      mqAcceptContext: false,
      mqHost: null,
      mqPort: null,
      mqLookupdHost: null,
      mqLookupdPort: null,
      mqUsername: null,
      mqPassword: null,
      mqMechanism: 'PLAIN',
      authEnabled: null,
      oauthAdminProtocol: 'http',
      oauthAdminAddr: '127.0.0.1',
      oauthAdminPort: 4445,
      logLevel: 'info',
      nodeName: null,
      multiNode: false,
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

  it('reads lists with commas between their parts', () => {
    write('cronsvr.yaml', 'http_allow_hosts: api.internal, *.svc.cluster.local,10.0.0.1,\n');
    const config = loadConfig({ ECRON_HTTP_ALLOW_CIDRS: '10.0.0.0/8,::1, fd00::/8' }, folder);
    expect(config.httpAllowHosts).toEqual(['api.internal', '*.svc.cluster.local', '10.0.0.1']);
    expect(config.httpAllowCidrs).toEqual(['10.0.0.0/8', '::1', 'fd00::/8']);
  });

  it.each([
    ['ECRON_HTTP_ALLOW_HOSTS', 'http://api.internal'],
    ['ECRON_HTTP_ALLOW_HOSTS', 'api.internal:80'],
    ['ECRON_HTTP_ALLOW_HOSTS', 'api.*.internal'],
    ['ECRON_HTTP_ALLOW_CIDRS', '10.0.0.0/33'],
    ['ECRON_HTTP_ALLOW_CIDRS', '10.0.0.0/8;::1'],
    ['ECRON_HTTP_ALLOW_CIDRS', 'internal'],
  ])('refuses %s=%s, which would allow nothing', (name, value) => {
    expect(problemsOf({ [name]: value })).toMatchObject([{ source: name }]);
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

  it('reads numbers by name', () => {
    const env = { ECRON_TENANT_CONCURRENCY_OVERRIDES: ' a = 5, my=client=0,,' };
    expect(loadConfig(env, folder).tenantConcurrencyOverrides).toEqual({ a: 5, 'my=client': 0 });
  });

  it.each(['a', 'a=', '=5', 'a=-1', 'a=1.5', 'a=1000001', 'a:1'])('refuses %p as numbers by name', (text) => {
    expect(problemsOf({ ECRON_TENANT_CONCURRENCY_OVERRIDES: text })).toMatchObject([
      {
        key: 'tenant_concurrency_overrides',
        rule: expect.stringContaining('must be names with numbers') as string,
      },
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

  it.each([
    [{ ECRON_DB_TLS_CA_FILE: '/ca.pem' }, 'asks for TLS: db_tls must be true'],
    [{ ECRON_DB_TLS: 'true', ECRON_DB_ADDR: '10.0.0.1', ECRON_USER_NAME: 'u' }, 'db_addr must be the name'],
    [{ ECRON_DB_TLS: 'true', ECRON_DB_TLS_CERT_FILE: '/c.pem' }, 'no use without db_tls_key_file'],
    [{ ECRON_MQ_TLS: 'true', ECRON_MQ_TLS_KEY_FILE: '/k.pem' }, 'no use without mq_tls_cert_file'],
    [{ ECRON_MQ_TLS: 'true', ECRON_MQ_CONNECTOR_TYPE: 'nsq', ECRON_MQ_HOST: 'nsqd' }, 'is for Kafka'],
  ])('refuses half of TLS: %j', (env, rule) => {
    expect(problemsOf(env)).toMatchObject([{ rule: expect.stringContaining(rule) as string }]);
  });

  it('does not mistake the variables of the scripts and tests here for keys', () => {
    const env = { ECRON_SERVICES_DIR: '/tmp/x', ECRON_SERVICES_PORT_BASE: '1', ECRON_TEST_CLUSTER: 'x' };
    expect(problemsOf(env)).toEqual([]);
    expect(problemsOf({ ECRON_SERVICE: '1' })).toHaveLength(1);
  });

  it('reads an old deployment as it lies there: three files, the sleeps in one notice', () => {
    write(
      'cronsvr.yaml',
      [
        'lang: zh_CN\njob_failures: 3\nanalysis_load_sleep: 20\ndb_client_ping_sleep: 10\nssl_on: false',
        'mq_connector_type: nsq\nmq_host: nsqlookupd\nmq_port: 4161\nmulti_node: false\ndb_format: utf8',
        'db_addr: wrong.example\ntimeout: 5\nread_timeout: 6\nwrite_timeout: 7\nmax_open_conns: 500',
      ].join('\n'),
    );
    write(
      'cronsvr-secret.yaml',
      'db_addr: db.example\ndb_port: 3330\ndb_name: cron\nsystem_id: as_\nuser_name: u\nuser_pwd: 0123',
    );
    write(
      'mq_config.yaml',
      'mqHost: nsqd\nmqPort: 4151\nmqLookupdHost: look\nmqLookupdPort: 4161\nmqType: kafka\nauth:\n  username: k\n  password: hunter2\n  mechanism: SCRAM-SHA-512\n',
    );
    expect(loadConfig({ ECRON_DB_PORT: '3331' }, folder)).toMatchObject({
      ...{ dbType: 'mysql', dbAddr: 'db.example', dbPort: 3331, dbName: 'cron', systemId: 'as_' },
      ...{
        userName: 'u',
        userPwd: '0123',
        timeout: 5,
        readTimeout: 6,
        writeTimeout: 7,
        maxOpenConns: 500,
        multiNode: false,
      },
      ...{ mqConnectorType: 'kafka', mqHost: 'nsqd', mqPort: 4151, mqLookupdHost: 'look' },
      ...{ mqLookupdPort: 4161, mqUsername: 'k', mqPassword: 'hunter2', mqMechanism: 'SCRAM-SHA-512' },
      notices: [
        'analysis_load_sleep (cronsvr.yaml), db_client_ping_sleep (cronsvr.yaml): no effect, nothing is polled at this interval',
        'db_format (cronsvr.yaml): no effect, tables and connections use utf8mb4',
      ],
    });
  });

  it('says what has no effect without a database server and without a broker', () => {
    write('cronsvr.yaml', 'db_addr: db.example\nuser_pwd: hunter2\ndb_port: 3306\nmq_host: nsqd\n');
    const config = loadConfig({ ECRON_DB_TYPE: 'sqlite' }, folder);
    expect(config).toMatchObject({ dbType: 'sqlite', mqConnectorType: 'memory' });
    expect(config.notices).toEqual([
      'db_addr (cronsvr.yaml), user_pwd (cronsvr.yaml): no effect, the database is SQLite (db_type: sqlite)',
      'mq_host (cronsvr.yaml): no effect, no broker is used (mq_connector_type: memory)',
    ]);
  });

  const server = { ECRON_DB_ADDR: 'db.example', ECRON_USER_NAME: 'u' };
  it.each<[string, Record<string, string>, string]>([
    ['db_type', { ECRON_DB_TYPE: 'mysql' }, 'db_addr must be set'],
    ['db_addr', { ECRON_DB_ADDR: 'db.example' }, 'user_name must be set'],
    ['mq_connector_type', { ECRON_MQ_CONNECTOR_TYPE: 'nsq' }, 'mq_host or mq_lookupd_host must be set'],
    [
      'mq_connector_type',
      { ECRON_MQ_CONNECTOR_TYPE: 'kafka', ECRON_MQ_LOOKUPD_HOST: 'x' },
      'mq_host must be set',
    ],
    [
      'mq_username',
      { ECRON_MQ_CONNECTOR_TYPE: 'kafka', ECRON_MQ_HOST: 'x', ECRON_MQ_USERNAME: 'u' },
      'mq_password must be set',
    ],
    ['multi_node', { ECRON_MULTI_NODE: 'true' }, 'they need a database server (db_addr)'],
    ['multi_node', { ...server, ECRON_MULTI_NODE: 'true' }, 'they need a broker'],
    ['ssl_on', { ECRON_SSL_ON: 'true', ECRON_CERT_FILE: 'cert.pem' }, 'cert_file and key_file must be set'],
    ['oauth_client_id', { ECRON_OAUTH_CLIENT_ID: 'web' }, 'oauth_redirect_url must be set'],
    [
      'oauth_client_secret_file',
      { ECRON_OAUTH_CLIENT_SECRET: 'a', ECRON_OAUTH_CLIENT_SECRET_FILE: '/run/secret' },
      'only one of them may be set',
    ],
  ])('refuses %s without what it needs: %j', (key, env, rule) => {
    expect(problemsOf(env)).toEqual([
      expect.objectContaining({ key, rule: expect.stringContaining(rule) as unknown }),
    ]);
  });

  it('takes several nodes on a database server and a broker', () => {
    const broker = { ECRON_MQ_CONNECTOR_TYPE: 'nsq', ECRON_MQ_HOST: 'nsqd' };
    expect(loadConfig({ ...server, ...broker, ECRON_MULTI_NODE: 'true' }, folder).multiNode).toBe(true);
  });

  it('says that files of TLS and what signing in would use have no effect while those are off', () => {
    const env = { ECRON_CERT_FILE: 'cert.pem', ECRON_OAUTH_PUBLIC_ADDR: 'hydra.example' };
    expect(loadConfig(env, folder).notices).toEqual([
      'cert_file (ECRON_CERT_FILE): no effect, TLS is off (ssl_on)',
      'oauth_public_addr (ECRON_OAUTH_PUBLIC_ADDR): no effect, nobody signs in with a browser (oauth_client_id is not set)',
    ]);
  });

  it.each([
    ['ECRON_CORS_ORIGINS', 'https://a.example, http://localhost:3000', 'https://a.example/page'],
    ['ECRON_CORS_ORIGINS', 'https://a.example', '*'],
    ['ECRON_OAUTH_REDIRECT_URL', 'https://a.example/auth/callback', 'ftp://a.example/auth/callback'],
    ['ECRON_OAUTH_REDIRECT_URL', 'http://a.example:80/x', 'https://user@a.example/x'],
    ['ECRON_SESSION_KEY', `${'0a'.repeat(32)}, ${'F1'.repeat(32)}`, '0a'.repeat(31)],
    ['ECRON_SESSION_KEY', '0a'.repeat(32), `${'0a'.repeat(32)},`],
  ])('takes for %s %s and refuses %s', (name, good, bad) => {
    expect(problemsOf({ [name]: good })).toEqual([]);
    expect(problemsOf({ [name]: bad })).toHaveLength(1);
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

  it('reads what commands may do', () => {
    const config = loadConfig(
      {
        ECRON_EXE_ALLOW: ' /opt/jobs, /usr/bin/rsync ,',
        ECRON_EXE_DIR: '/srv/runs',
        ECRON_EXE_USER: '1000:1001',
        ECRON_EXE_TENANTS: 'one, two',
        ECRON_EXE_LIMITS: 'memory_mb=512, cpu_s=60,open_files = 64, processes=8',
      },
      folder,
    );
    expect(config).toMatchObject({
      exeAllow: ['/opt/jobs', '/usr/bin/rsync'],
      exeDir: '/srv/runs',
      exeUser: { uid: 1000, gid: 1001 },
      exeTenants: ['one', 'two'],
      exeLimits: { memory_mb: 512, cpu_s: 60, open_files: 64, processes: 8 },
    });
    expect(loadConfig({ ECRON_EXE_USER: '1000' }, folder).exeUser).toEqual({ uid: 1000, gid: 1000 });
  });

  it.each([
    ['ECRON_EXE_ALLOW', 'bin/sh'],
    ['ECRON_EXE_ALLOW', '/bin/sh, ../sh'],
    ['ECRON_EXE_DIR', 'runs'],
    ['ECRON_EXE_USER', 'nobody'],
    ['ECRON_EXE_LIMITS', 'memory=512'],
    ['ECRON_EXE_LIMITS', 'toString=5'],
    ['ECRON_EXE_LIMITS', 'memory_mb=0'],
    ['ECRON_EXE_LIMITS', 'memory_mb=1g'],
    ['ECRON_EXE_LIMITS', 'open_files=9999999999'],
    ['ECRON_PUBLISH_TOPICS', 'events.*.eu'],
    ['ECRON_PUBLISH_TOPICS', 'events, or others'],
  ])('refuses %s=%s', (name, value) => {
    expect(captured(() => loadConfig({ [name]: value }, folder)).message).toContain(name);
  });

  it('reads the topics that jobs may publish to', () => {
    const config = loadConfig({ ECRON_PUBLISH_TOPICS: 'events, reports.*,*, tap#ephemeral' }, folder);
    expect(config.publishTopics).toEqual(['events', 'reports.*', '*', 'tap#ephemeral']);
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
