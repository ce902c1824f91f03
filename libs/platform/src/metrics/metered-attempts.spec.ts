import { type AttemptRequest } from '@ecron/execution';
import { Metrics } from '@ecron/observability';
import { MeteredAttempts } from './metered-attempts.js';

describe('counted attempts', () => {
  const NOW = 1_000_000;
  let metrics: Metrics;
  let attempts: MeteredAttempts;
  beforeEach(() => {
    metrics = new Metrics('');
    attempts = new MeteredAttempts(metrics, { now: () => NOW });
  });
  const begin = (slotAt: number | null, attempt = 1) =>
    attempts.begin('http', { slotAt, attempt } as AttemptRequest);
  const read = async () => metrics.text();

  it('tell how late the first of a slot goes out', async () => {
    begin(NOW - 700);
    expect(await read()).toMatch(/^ecron_lateness_seconds_sum 0.7$/m);
  });

  it('tell no lateness of a retry, nor of a request', async () => {
    begin(NOW - 700, 2);
    begin(null);
    expect(await read()).toMatch(/^ecron_lateness_seconds_count 0$/m);
  });

  it('tell how long each takes, by its mode, when it has ended', async () => {
    const end = begin(NOW);
    expect(await read()).not.toContain('ecron_execution_duration_seconds_count');
    end();
    expect(await read()).toMatch(/^ecron_execution_duration_seconds_count\{mode="http"\} 1$/m);
  });
});
