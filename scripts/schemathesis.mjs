// node scripts/schemathesis.mjs [--seconds 300] [MORE ARGUMENTS OF schemathesis run]: sends what /openapi.json allows, and
// what it does not, to a service of its own, as a caller with a token. Fails on a 5xx, an undocumented status, and what
// else the checks find. Build first. Python 3.10 or later is needed; schemathesis itself is put beside the components.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { nodeBinary, root, runQuietly } from './lib.mjs';

const VERSION = '4.32.5';
const TOKEN = 'schemathesis';
const ACTIVE = { active: true, client_id: 'schemathesis', sub: 'schemathesis', scope: 'ecron.admin' };
/** All checks but these. */
const EXCLUDED = [
  // What a cron text, a name or a time may be is more than a schema says: valid by it can be 400.
  'positive_data_acceptance',
  // Members that old clients send are ignored, null is as good as left out, and an empty query as none.
  'negative_data_rejection',
];

const args = process.argv.slice(2);
const at = args.indexOf('--seconds');
const [, seconds = '300'] = at < 0 ? [] : args.splice(at, 2);

const folder = mkdtempSync(join(tmpdir(), 'ecron-schemathesis-'));
const tokens = createServer((request, response) => {
  let form = '';
  request.on('data', (chunk) => (form += chunk));
  request.on('end', () => {
    const isKnown = new URLSearchParams(form).get('token') === TOKEN;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(isKnown ? ACTIVE : { active: false }));
  });
});
await new Promise((resolve) => tokens.listen(0, '127.0.0.1', resolve));

const service = spawn(nodeBinary, [join(root, 'scripts', 'run.mjs'), 'standalone'], {
  cwd: folder,
  stdio: ['ignore', 'pipe', 'inherit'],
  env: {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('ECRON_'))),
    ECRON_DATA_DIR: join(folder, 'data'),
    ECRON_CRON_PORT: '0',
    ECRON_ANLYS_PORT: '0',
    ECRON_AUTH_ENABLED: 'true',
    ECRON_OAUTH_ADMIN_PORT: String(tokens.address().port),
    // Whatever addresses are made up: nobody on this network is called.
    ECRON_HTTP_PRIVATE_TARGETS: 'deny',
    ECRON_RATE_LIMIT_CALLER: '0',
    ECRON_RATE_LIMIT_ADDRESS: '0',
  },
});
const errors = [];
process.once('exit', () => {
  service.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));

const url = await new Promise((resolve, reject) => {
  createInterface({ input: service.stdout }).on('line', (line) => {
    const entry = line.startsWith('{') ? JSON.parse(line) : {};
    if (entry.event === 'standalone.ready') resolve(entry.management);
    if (entry.level === 'error' || entry.level >= 50) errors.push(line);
  });
  service.once('exit', (code) => reject(new Error(`the service ended with ${code}`)));
});

const run = spawn(
  installed(),
  [
    'run',
    `${url}/openapi.json`,
    ...['--header', `Authorization: Bearer ${TOKEN}`],
    ...['--checks', 'all', '--exclude-checks', EXCLUDED.join(',')],
    ...['--max-time', seconds, '--request-timeout', '20', '--generation-database', 'none'],
    ...['--warnings', 'off', '--no-color'],
    ...args,
  ],
  { cwd: folder, stdio: 'inherit' },
);
const status = await new Promise((resolve) => run.once('exit', (code) => resolve(code ?? 1)));
for (const line of errors.slice(0, 20)) console.error(`the service logged: ${line}`);
process.exit(status === 0 && errors.length > 0 ? 1 : status);

/** Path of the program, in a virtual environment of its own. */
function installed() {
  const tools = process.env.ECRON_SERVICES_TOOLS || join(root, '.services', 'tools');
  const home = join(tools, `schemathesis-${VERSION}`);
  const program = join(home, 'bin', 'schemathesis');
  if (existsSync(program) && spawnSync(program, ['--version']).status === 0) return program;
  mkdirSync(tools, { recursive: true });
  runQuietly('python3', ['-m', 'venv', '--clear', home]);
  runQuietly(join(home, 'bin', 'pip'), ['install', '--quiet', `schemathesis==${VERSION}`]);
  return program;
}
