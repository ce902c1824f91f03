import { FINAL_STATES } from '@ecron/domain';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { DURATION_BUCKETS_S, LATENESS_BUCKETS_S } from './buckets.js';
import { type PoolFigures, type TableFigures } from './figures.js';
import { TableReader } from './table-reader.js';

const ROLES = ['management', 'analysis'];
/** Fates of slots that no run stands behind have counters of their own, or none. */
const ENDS = FINAL_STATES.filter((state) => state !== 'missed' && state !== 'skipped');

/**
 * What a process tells of itself, in a registry of its own. No label names a job, a tenant or a host, so the number of
 * series does not grow with what is run.
 */
export class Metrics {
  private readonly registry = new Registry();
  private readonly pools: (() => readonly PoolFigures[])[] = [];
  private tables: TableReader | null = null;

  private readonly lateness = this.histogram(
    'ecron_lateness_seconds',
    'From the slot of a scheduled run to the moment at which its first attempt goes out',
    LATENESS_BUCKETS_S,
  );
  private readonly duration = this.histogram(
    'ecron_execution_duration_seconds',
    'How long attempts take; of one that waits for a callback, until its target has accepted it',
    DURATION_BUCKETS_S,
    ['mode'],
  );
  private readonly ends = this.counter(
    'ecron_executions_total',
    'Executions that have ended, by the state that they ended in; not those that ended before their start',
    ['state'],
  );
  private readonly retries = this.counter('ecron_retries_total', 'Attempts after which another one was due');
  private readonly claims = this.counter(
    'ecron_claims_total',
    'Claims of jobs whose next slot had come near',
  );
  private readonly missed = this.counter(
    'ecron_slots_missed_total',
    'Slots that were found later than their grace and passed without a run',
  );
  private readonly lost = this.counter(
    'ecron_nodes_lost_total',
    'Nodes whose lease ran out without a goodbye, counted by the node that found it',
    ['role'],
  );

  private readonly queueDepth = this.gauge(
    'ecron_queue_depth',
    'Executions that are due and have not started',
  );
  private readonly oldestDue = this.gauge(
    'ecron_oldest_due_seconds',
    'For how long the first execution that has not started has been due; 0: none is',
  );
  private readonly outbox = this.gauge(
    'ecron_outbox_pending',
    'Results that are to be told to webhooks and are neither delivered nor given up',
  );
  private readonly callbacks = this.gauge(
    'ecron_callbacks_awaited',
    'Executions that their targets have accepted and not ended yet',
  );
  private readonly nodes = this.gauge('ecron_nodes', 'Live nodes of the deployment', ['role']);
  private readonly poolSize = this.gauge('ecron_pool_size', 'Places of a pool', ['pool']);
  private readonly poolBusy = this.gauge('ecron_pool_busy', 'Places of a pool that are taken', ['pool']);
  private readonly poolWaiting = this.gauge('ecron_pool_waiting', 'Who waits for a place of a pool', [
    'pool',
  ]);

  constructor(version: string) {
    const labels = { version, node: process.version };
    this.gauge('ecron_build_info', 'Always 1; the labels say what runs', ['version', 'node']).set(labels, 1);
    // A counter that begins with its first event shows no increase at it.
    for (const state of ENDS) this.ends.inc({ state }, 0);
    for (const role of ROLES) this.lost.inc({ role }, 0);
  }

  /** Adds what Node tells of the process: memory, processor, event loop, garbage. Once a process. */
  watchProcess(): void {
    collectDefaultMetrics({ register: this.registry });
  }

  /** @param read of whole tables; asked every few seconds at most, and given up after two */
  watchTables(read: () => Promise<TableFigures>): void {
    this.tables = new TableReader(read);
  }

  /** @param read asked at every reading, so it must be quick */
  watchPools(read: () => readonly PoolFigures[]): void {
    this.pools.push(read);
  }

  /** The first attempt of a slot goes out. */
  late(seconds: number): void {
    this.lateness.observe(Math.max(0, seconds));
  }

  attempted(mode: string, seconds: number): void {
    this.duration.observe({ mode }, seconds);
  }

  ended(state: string): void {
    this.ends.inc({ state });
  }

  retried(): void {
    this.retries.inc();
  }

  claimed(jobs: number): void {
    this.claims.inc(jobs);
  }

  slotsMissed(count: number): void {
    this.missed.inc(count);
  }

  nodeLost(role: string): void {
    this.lost.inc({ role });
  }

  /** Null where they cannot be read. */
  async tableFigures(): Promise<TableFigures | null> {
    return (await this.tables?.get()) ?? null;
  }

  /** All of it in the text format of Prometheus. What cannot be read is left out; never fails. */
  async text(): Promise<string> {
    this.showPools();
    this.showTables(await this.tableFigures());
    return this.registry.metrics();
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  /** Name, help text and kind of each metric of ours, sorted by name. */
  async describe(): Promise<MetricDescription[]> {
    const all = await this.registry.getMetricsAsJSON();
    const ours = all.filter(({ name }) => name.startsWith('ecron_'));
    return ours
      .map(({ name, help, type }) => ({ name, help, type: String(type) }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  private showPools(): void {
    for (const { pool, size, busy, waiting } of this.pools.flatMap((read) => read())) {
      this.poolSize.set({ pool }, size);
      this.poolBusy.set({ pool }, busy);
      if (waiting !== undefined) this.poolWaiting.set({ pool }, waiting);
    }
  }

  private showTables(figures: TableFigures | null): void {
    show(this.queueDepth, figures?.queueDepth);
    show(this.oldestDue, figures?.oldestDueS);
    show(this.outbox, figures?.outboxPending);
    show(this.callbacks, figures?.callbacksAwaited);
    this.nodes.reset();
    if (figures !== null) for (const role of ROLES) this.nodes.set({ role }, figures.nodes[role] ?? 0);
  }

  private counter<L extends string = never>(name: string, help: string, labelNames: L[] = []): Counter<L> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  private gauge<L extends string = never>(name: string, help: string, labelNames: L[] = []): Gauge<L> {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }

  private histogram<L extends string = never>(
    name: string,
    help: string,
    buckets: number[],
    labelNames: L[] = [],
  ): Histogram<L> {
    return new Histogram({ name, help, buckets, labelNames, registers: [this.registry] });
  }
}

export interface MetricDescription {
  name: string;
  help: string;
  type: string;
}

/** Zero would say that all is well. */
function show(gauge: Gauge<never>, value: number | undefined): void {
  if (value === undefined) gauge.remove();
  else gauge.set(value);
}
