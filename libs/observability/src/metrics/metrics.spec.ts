import { Metrics } from './metrics.js';

const FIGURES = {
  queueDepth: 3,
  oldestDueS: 1.5,
  outboxPending: 2,
  callbacksAwaited: 1,
  nodes: { analysis: 2 },
};

describe('metrics', () => {
  let metrics: Metrics;
  beforeEach(() => void (metrics = new Metrics('1.2.3')));

  const lines = async (name: string): Promise<string[]> =>
    (await metrics.text()).split('\n').filter((line) => line.startsWith(name));

  it('say what runs', async () => {
    expect(await lines('ecron_build_info')).toEqual([
      `ecron_build_info{version="1.2.3",node="${process.version}"} 1`,
    ]);
  });

  it('of two processes share nothing', async () => {
    const other = new Metrics('1.2.3');
    other.claimed(3);
    expect(await lines('ecron_claims_total')).toEqual(['ecron_claims_total 0']);
  });

  it('begin every counter at zero, so that its first event is an increase', async () => {
    expect(await lines('ecron_executions_total')).toEqual(
      ['succeeded', 'failed', 'abandoned', 'interrupted'].map(
        (state) => `ecron_executions_total{state="${state}"} 0`,
      ),
    );
    expect(await lines('ecron_nodes_lost_total')).toHaveLength(2);
    expect(await lines('ecron_slots_missed_total')).toEqual(['ecron_slots_missed_total 0']);
  });

  it('count what happens', async () => {
    metrics.claimed(2);
    metrics.ended('abandoned');
    metrics.retried();
    metrics.slotsMissed(4);
    metrics.nodeLost('analysis');
    metrics.late(0.02);
    metrics.attempted('http', 3);
    const text = await metrics.text();
    for (const line of [
      'ecron_claims_total 2',
      'ecron_executions_total{state="abandoned"} 1',
      'ecron_retries_total 1',
      'ecron_slots_missed_total 4',
      'ecron_nodes_lost_total{role="analysis"} 1',
      'ecron_lateness_seconds_bucket{le="0.01"} 0',
      'ecron_lateness_seconds_bucket{le="0.025"} 1',
      'ecron_execution_duration_seconds_bucket{le="2.5",mode="http"} 0',
      'ecron_execution_duration_seconds_bucket{le="5",mode="http"} 1',
    ])
      expect(text).toContain(`${line}\n`);
  });

  it('count a slot that goes out a hair early as one on time', async () => {
    metrics.late(-0.001);
    expect(await lines('ecron_lateness_seconds_sum')).toEqual(['ecron_lateness_seconds_sum 0']);
  });

  it('tell of whole tables', async () => {
    metrics.watchTables(async () => FIGURES);
    const text = await metrics.text();
    for (const line of [
      'ecron_queue_depth 3',
      'ecron_oldest_due_seconds 1.5',
      'ecron_outbox_pending 2',
      'ecron_callbacks_awaited 1',
      'ecron_nodes{role="analysis"} 2',
      'ecron_nodes{role="management"} 0',
    ])
      expect(text).toContain(`${line}\n`);
  });

  it('leave out what cannot be read, and tell the rest', async () => {
    metrics.watchTables(() => Promise.reject(new Error('away')));
    metrics.claimed(1);
    const text = await metrics.text();
    for (const name of ['queue_depth', 'oldest_due_seconds', 'outbox_pending', 'callbacks_awaited', 'nodes'])
      expect(text).not.toMatch(new RegExp(`^ecron_${name}[ {]`, 'm'));
    expect(text).toContain('ecron_claims_total 1\n');
  });

  it('ask every pool at every reading', async () => {
    let busy = 1;
    metrics.watchPools(() => [{ pool: 'runs', size: 8, busy: busy++ }]);
    metrics.watchPools(() => [{ pool: 'pen', size: 2, busy: 0, waiting: 7 }]);
    await metrics.text();
    expect(await lines('ecron_pool_')).toEqual([
      'ecron_pool_size{pool="runs"} 8',
      'ecron_pool_size{pool="pen"} 2',
      'ecron_pool_busy{pool="runs"} 2',
      'ecron_pool_busy{pool="pen"} 0',
      'ecron_pool_waiting{pool="pen"} 7',
    ]);
  });

  it('tell of the process where they are asked to', async () => {
    expect(await lines('nodejs_')).toEqual([]);
    metrics.watchProcess();
    expect(await lines('nodejs_eventloop_lag_p99_seconds')).toHaveLength(1);
  });
});
