import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Metrics } from '@ecron/observability';
import { repositoryFile } from '../support/process.js';

const TOOLS = process.env['ECRON_SERVICES_TOOLS'] ?? repositoryFile('.services/tools');
const folders = [...(process.env['PATH'] ?? '').split(delimiter), join(TOOLS, 'bin')];
const promtool = folders.map((folder) => join(folder, 'promtool')).find((path) => existsSync(path));

/** Of Debian's package `prometheus`; `node scripts/prometheus-check.mjs --install` brings it. */
const name = promtool === undefined ? 'promtool (missing here)' : 'promtool';

(promtool === undefined ? describe.skip : describe)(name, () => {
  const check = (args: string[], input?: string) =>
    spawnSync(promtool ?? '', ['check', ...args], {
      encoding: 'utf8',
      ...(input !== undefined && { input }),
    });

  it('finds nothing to say of the alert rules', () => {
    const { status, stderr } = check(['rules', repositoryFile('helm/ecron/rules/ecron.yaml')]);
    expect([status, stderr]).toEqual([0, '']);
  });

  it('finds nothing to say of our metrics', async () => {
    const metrics = new Metrics('1.2.3');
    metrics.late(1);
    metrics.attempted('http', 1);
    metrics.watchPools(() => [{ pool: 'runs', size: 1, busy: 0, waiting: 0 }]);
    const { status, stdout, stderr } = check(['metrics'], await metrics.text());
    expect([status, stdout, stderr]).toEqual([0, '', '']);
  });
});
