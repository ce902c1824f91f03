// node scripts/prometheus-check.mjs [--install]: a real Prometheus scrapes the built standalone process under load. Every
// query of the chart's dashboard and every series that its alert rules ask for has to return data, promtool has to find
// nothing, and a planted fault has to raise each alert. Windows and `for` of the rules are shortened, their conditions are
// not. Needs prometheus and promtool on the PATH or in .services/tools/bin; `--install` fetches Debian's package there,
// without installing it. Build first. Some three minutes.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { nodeBinary, root } from './lib.mjs';

const TOOLS = join(process.env.ECRON_SERVICES_TOOLS ?? join(root, '.services', 'tools'), 'bin');
const NAMESPACE = 'ecron';
const PREFIX = '/api/ecron-management/v1';
const JOBS = 40;
const folder = mkdtempSync(join(tmpdir(), 'ecron-prometheus-'));
const children = new Set();
let failures = 0;

function report(isGood, what, detail = '') {
  if (!isGood) failures += 1;
  console.log(`${isGood ? 'ok  ' : 'FAIL'} ${what}${detail === '' ? '' : `: ${detail}`}`);
}

function install() {
  execFileSync('apt-get', ['download', 'prometheus'], { cwd: folder, stdio: ['ignore', 'ignore', 'ignore'] });
  execFileSync('sh', ['-c', 'dpkg -x prometheus_*.deb unpacked'], { cwd: folder });
  mkdirSync(TOOLS, { recursive: true });
  for (const name of ['prometheus', 'promtool']) {
    copyFileSync(join(folder, 'unpacked/usr/bin', name), join(TOOLS, name));
    chmodSync(join(TOOLS, name), 0o755);
  }
}

function find(name) {
  const folders = [...process.env.PATH.split(delimiter), TOOLS];
  const found = folders.map((one) => join(one, name)).find((path) => existsSync(path));
  if (found !== undefined) return found;
  console.error(`${name} is missing: install Debian's package "prometheus", or give --install`);
  process.exit(2);
}

async function eventually(what, look, ms = 60_000) {
  const deadline = performance.now() + ms;
  for (let error; ; await pause(250)) {
    try {
      return await look();
    } catch (caught) {
      error = caught;
    }
    if (performance.now() > deadline) throw new Error(`${what}: ${error.message}`);
  }
}

async function answer(url, options) {
  const reply = await fetch(url, options);
  const text = await reply.text();
  if (!reply.ok) throw new Error(`${url}: ${reply.status} ${text}`);
  return text;
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A standalone process, on the same port and data whenever it is started again. */
class Ecron {
  constructor(name, port, env) {
    this.name = name;
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
    this.env = env;
  }

  async start() {
    const env = {
      ...process.env,
      ECRON_CONFIG: '',
      ECRON_DATA_DIR: join(folder, this.name),
      ECRON_CRON_PORT: String(this.port),
      ECRON_ANLYS_PORT: '0',
      ECRON_SHUTDOWN_GRACE_S: '0',
      ...this.env,
    };
    const program = join(root, 'dist/apps/standalone/src/main.js');
    this.process = spawn(nodeBinary, [program], { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] });
    children.add(this.process);
    this.exited = once(this.process, 'exit').then(() => children.delete(this.process));
    for await (const line of createInterface({ input: this.process.stdout })) {
      if (line.includes('"standalone.ready"')) break;
    }
    this.process.stdout.resume();
  }

  async stop() {
    this.process.kill('SIGTERM');
    await this.exited;
  }

  async call(method, path, body) {
    const headers = { 'content-type': 'application/json' };
    return JSON.parse(
      await answer(this.url + PREFIX + path, { method, headers, body: JSON.stringify(body) }),
    );
  }

  create(exec, context = {}) {
    return this.call('POST', '/job', {
      job_name: `check-${Math.random()}`,
      job_cron_time: '* * * * * *',
      job_type: 'scheduled',
      enabled: true,
      job_context: { mode: 'http', exec, info: {}, ...context },
    });
  }
}

/** Windows of minutes become seconds: the conditions stay what they are. */
function shortened(rules) {
  return rules
    .replaceAll('$NAMESPACE', NAMESPACE)
    .replace(/\[10m:30s\]/g, '[20s:2s]')
    .replace(/\[(5|10|15)m\]/g, '[20s]')
    .replace(/for: \d+m/g, 'for: 2s');
}

/** `- alert: Name` and the text of its expression, which is all that is wanted of the file here. */
function alertsOf(rules) {
  const alerts = rules.split(/^ +- alert: /m).slice(1);
  return alerts.map((text) => ({
    name: text.split('\n')[0].trim(),
    text: /expr:([\s\S]*?)\n +(for|labels):/.exec(text)[1],
  }));
}

const unit = (text) => text.replaceAll('$namespace', NAMESPACE).replaceAll('$__rate_interval', '10s');

async function main() {
  if (process.argv.includes('--install')) install();
  const [prometheus, promtool] = [find('prometheus'), find('promtool')];
  const rules = shortened(readFileSync(join(root, 'helm/ecron/rules/ecron.yaml'), 'utf8'));
  const dashboard = JSON.parse(readFileSync(join(root, 'helm/ecron/dashboards/ecron.json'), 'utf8'));
  writeFileSync(join(folder, 'rules.yaml'), rules);
  const checked = spawnSync(promtool, ['check', 'rules', join(folder, 'rules.yaml')], { encoding: 'utf8' });
  report(checked.status === 0, 'promtool check rules', checked.status === 0 ? '' : checked.stderr);

  const target = createServer((request, response) => {
    const [, kind] = request.url.split('/');
    if (kind === 'hang') return;
    response.writeHead({ ok: 200, accept: 202, refuse: 400, broken: 500 }[kind] ?? 200).end('{}');
  }).listen(0, '127.0.0.1');
  await once(target, 'listening');
  const at = (path) => `http://127.0.0.1:${target.address().port}/${path}`;

  const ecron = new Ecron('main', await freePort(), { ECRON_JOB_FAILURES: '2' });
  const full = new Ecron('full', await freePort(), { ECRON_NODE_CONCURRENCY: '1' });
  await Promise.all([ecron.start(), full.start()]);
  for (let n = 0; n < JOBS; n++) await ecron.create(at('ok'));
  await ecron.create(at('broken'), { policy: { retry: { base_s: 0.1 } } });
  await ecron.create(at('accept'), { policy: { completion: 'callback' } });

  const scraped = spawnSync(promtool, ['check', 'metrics'], {
    input: await answer(`${ecron.url}/metrics`),
    encoding: 'utf8',
  });
  // It has views on the names of the client library's own metrics too.
  const ours = scraped.stderr.split('\n').filter((line) => line.startsWith('ecron_'));
  report(ours.length === 0, 'promtool check metrics', ours.join('; '));

  const port = await freePort();
  const api = `http://127.0.0.1:${port}/api/v1`;
  const targets = [ecron, full].map(
    ({ name, port: scrapePort }) =>
      `{ targets: ["127.0.0.1:${scrapePort}"], labels: { namespace: ${NAMESPACE}, pod: ecron-management-${name} } }`,
  );
  const config = `global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: [${join(folder, 'rules.yaml')}]
scrape_configs:
  - job_name: ecron
    static_configs: [${targets.join(', ')}]
`;
  writeFileSync(join(folder, 'prometheus.yaml'), config);
  const options = [
    `--config.file=${join(folder, 'prometheus.yaml')}`,
    `--storage.tsdb.path=${join(folder, 'tsdb')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--query.lookback-delta=5s',
    '--log.level=error',
  ];
  children.add(spawn(prometheus, options, { stdio: ['ignore', 'inherit', 'inherit'] }));

  const query = async (text) =>
    JSON.parse(await answer(`${api}/query?query=${encodeURIComponent(text)}`)).data.result;
  const needsData = (text) => async () => {
    const found = await query(text);
    if (found.length === 0 || found.every(({ value }) => value[1] === 'NaN')) throw new Error('no data');
  };
  const tell = (what, work) =>
    work.then(
      () => report(true, what),
      (error) => report(false, what, error.message),
    );
  await eventually('the first scrapes', needsData(`count(up{job="ecron"} == 1) == 2`));
  await pause(12_000);

  for (const { title, targets: asked = [] } of dashboard.panels)
    for (const { expr } of asked)
      await tell(`dashboard, ${title}`, eventually(expr, needsData(unit(expr)), 10_000));
  for (const { name, text } of alertsOf(rules)) {
    const selectors = new Set(text.match(/\b\w+\{[^}]*\}/g));
    for (const selector of selectors)
      await tell(`rule ${name} asks for what there is`, eventually(selector, needsData(selector), 10_000));
  }
  const raised = async (name, ms = 60_000) =>
    tell(
      `alert ${name} is raised`,
      eventually(
        name,
        async () => {
          const { alerts } = JSON.parse(await answer(`${api}/alerts`)).data;
          if (!alerts.some(({ labels, state }) => labels.alertname === name && state === 'firing'))
            throw new Error('does not fire');
        },
        ms,
      ),
    );
  const { alerts: early } = JSON.parse(await answer(`${api}/alerts`)).data;
  const firing = early.filter(({ state }) => state === 'firing').map(({ labels }) => labels.alertname);
  report(firing.length === 0, 'no alert is raised while all is well', firing.join(', '));

  // One place, taken for ever: what comes behind it is due for longer and longer.
  await full.create(at('hang'));
  await full.call('POST', '/jobexecution', { job_id: (await full.create(at('ok'))).job_id });
  // Results for a receiver that refuses them, more than the alert lets pass, and ever more.
  for (let n = 0; n < JOBS; n++) await ecron.create(at('ok'), { notify: { webhook: at('broken') } });
  for (let n = 0; n < JOBS; n++) await ecron.create(at('refuse'), { policy: { retry: { max_attempts: 1 } } });
  await raised('ECronRunsFail');
  await raised('ECronOutboxGrowing');
  await raised('ECronOldestDue', 90_000);

  const stalling = stall(ecron.process);
  await raised('ECronEventLoopSlow');
  await stalling.stop();

  plantDeadNode(join(folder, 'main', 'ecron.db'));
  await raised('ECronNodeLost');

  for (let n = 0; n < 5; n++)
    await ecron.create(at('ok'), { policy: { misfire: { policy: 'latest', grace_s: 0.5, window_s: 1 } } });
  await pause(2_000);
  await ecron.stop();
  await pause(4_000);
  await ecron.start();
  await raised('ECronSlotMissed');
  await raised('ECronLate');

  await Promise.all([ecron.stop(), full.stop()]);
  await raised('ECronNoNodes');
  target.closeAllConnections();
  target.close();
}

/** Stops and continues a process, so that its event loop lags by more than half a second. */
function stall(child) {
  let isOver = false;
  const stalling = (async () => {
    while (!isOver) {
      child.kill('SIGSTOP');
      await pause(900);
      child.kill('SIGCONT');
      await pause(300);
    }
  })();
  return { stop: () => ((isOver = true), stalling) };
}

/** A row as a node leaves it that died a minute ago. */
function plantDeadNode(file) {
  const died = Date.now() - 60_000;
  const insert = `INSERT INTO ecron_node (node_id, name, role, version, started_at, heartbeat_at, capacity, hold_until,
    free_capacity, skew_ms, highest_time) VALUES ('planted', 'planted', 'analysis', '', ${died}, ${died}, 0, 0, 0, 0, 0)`;
  const program = `const { DatabaseSync } = require('node:sqlite');
    const database = new DatabaseSync(process.argv[1]);
    database.exec('PRAGMA busy_timeout = 5000');
    database.exec(process.argv[2]);`;
  execFileSync(nodeBinary, ['--no-warnings', '-e', program, file, insert]);
}

try {
  await main();
} catch (error) {
  report(false, 'the check itself', error.message);
} finally {
  for (const child of children) child.kill('SIGKILL');
  await pause(500);
  rmSync(folder, { recursive: true, force: true });
}
console.log(failures === 0 ? 'all as it should be' : `${failures} failures`);
process.exit(failures === 0 ? 0 : 1);
