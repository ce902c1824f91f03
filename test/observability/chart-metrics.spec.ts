import { readFileSync } from 'node:fs';
import { Metrics } from '@ecron/observability';
import { parse } from 'yaml';
import { repositoryFile } from '../support/process.js';

interface Rules {
  groups: { rules: { expr: string }[] }[];
}
interface Dashboard {
  panels: { targets?: { expr: string }[] }[];
}

const read = (path: string) => readFileSync(repositoryFile(path), 'utf8');
const ruleQueries = () =>
  (parse(read('helm/ecron/rules/ecron.yaml')) as Rules).groups.flatMap(({ rules }) =>
    rules.map((r) => r.expr),
  );
const dashboardQueries = () =>
  (JSON.parse(read('helm/ecron/dashboards/ecron.json')) as Dashboard).panels.flatMap(({ targets = [] }) =>
    targets.map(({ expr }) => expr),
  );

/** Every name of a series that a process may tell. */
async function told(): Promise<Set<string>> {
  const metrics = new Metrics('');
  metrics.watchProcess();
  const text = await metrics.text();
  const families = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  const names = families.flatMap(([, name = '', type]) =>
    type === 'histogram' ? ['_bucket', '_sum', '_count'].map((part) => name + part) : [name],
  );
  return new Set(names);
}

describe.each([
  ['alert rules', ruleQueries],
  ['dashboard', dashboardQueries],
])("the chart's %s", (_, queries) => {
  it('ask for metrics that there are, and for nothing else', async () => {
    const names = await told();
    const asked = queries().flatMap((query) => query.match(/\b(?:ecron|nodejs|process)_\w+(?=[{[])/g) ?? []);
    expect(asked.length).toBeGreaterThan(7);
    for (const name of asked) expect([...names]).toContain(name);
  });

  it('ask for families of metrics that there are', async () => {
    const names = [...(await told())];
    const families = queries().flatMap((query) => [...query.matchAll(/__name__=~"([^"]+)"/g)]);
    for (const [, pattern = ''] of families)
      expect(names.some((name) => new RegExp(`^(?:${pattern})$`).test(name))).toBe(true);
  });
});
