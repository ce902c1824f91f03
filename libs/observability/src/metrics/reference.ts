import { Metrics } from './metrics.js';

const INTRODUCTION = `# Metrics

Generated from \`libs/observability/src/metrics\` by \`npm run generate\`; edit it there.

Both services answer \`GET /metrics\` in the text format of Prometheus, the standalone process on each of its two ports
(one of them is enough: both tell of the whole process). It needs no token, unless \`metrics_token\` is configured: then
that one as a bearer token.

No label names a job, a tenant or a host, so there are as many series with ten jobs as with a million. Counters and
histograms are of one process and begin anew at its start. Queue, outbox, callbacks and nodes are read from the database,
at most every three seconds: every node tells the same of them, so take \`max\`, not \`sum\`. While the database does not
answer within two seconds they are left out.

`;

const POOLS = `
\`ecron_pool_*\` have the label \`pool\`: \`runs\` are the executions of a management node (\`node_concurrency\`); on a database
server each purpose of connections is one (\`db_max_connections\`: beat, start, record, routine, edit, claim, read, browse,
clock); with SQLite \`pen\` is its one writer.

Beside them come the metrics that Node's client library collects by itself: \`process_*\` and \`nodejs_*\`, the lag of the
event loop (\`nodejs_eventloop_lag_p99_seconds\`) among them. It is measured from one scrape to the next.

The chart brings alert rules and a dashboard: [helm.md](helm.md).
`;

type Row = readonly [string, string, string];

/** The text of docs/metrics.md. */
export async function metricsReference(): Promise<string> {
  const metrics = await new Metrics('').describe();
  const rows = metrics.map(({ name, type, help }): Row => [`\`${name}\``, type, help]);
  return INTRODUCTION + tableOf(['metric', 'kind', 'meaning'], rows) + POOLS;
}

function tableOf(head: Row, rows: readonly Row[]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const lineOf = (cells: readonly string[], fill: string): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0, fill)).join(' | ')} |\n`;
  return [lineOf(head, ' '), lineOf(['', '', ''], '-'), ...rows.map((row) => lineOf(row, ' '))].join('');
}
