import { ReadinessCheck } from '@ecron/health';
import { Heartbeat, NodeClock } from '@ecron/nodes';
import { type Transport } from '@ecron/messaging';
import { Metrics } from '@ecron/observability';
import { Inject, Injectable } from '@nestjs/common';
import { TRANSPORT } from './platform.module.js';

/** A heartbeat that is older than this says that the database cannot be written. */
const STALE_MS = 5_000;

/** Whether this node can write the database, which its heartbeat tries twice a second. */
@Injectable()
export class DatabaseReadiness extends ReadinessCheck {
  readonly name = 'database';

  constructor(private readonly heartbeat: Heartbeat) {
    super();
  }

  async findFault(): Promise<string | null> {
    const age = this.heartbeat.ageMs;
    return age > STALE_MS ? `not written for ${Math.round(age / 1000)} s` : null;
  }
}

/** A clock that has stepped stops claiming until its reads agree again; everything else goes on, the API too. */
@Injectable()
export class ClockReadiness extends ReadinessCheck {
  readonly name = 'clock';
  override readonly weight = 'degrades';

  constructor(private readonly clock: NodeClock) {
    super();
  }

  async findFault(): Promise<string | null> {
    return this.clock.isSuspended
      ? 'has stepped by more than a minute, nothing is claimed until it is steady'
      : null;
  }
}

/** Turns false before anything is refused. */
@Injectable()
export class ShutdownReadiness extends ReadinessCheck {
  readonly name = 'shutdown';
  isStopping = false;

  async findFault(): Promise<string | null> {
    return this.isStopping ? 'under way' : null;
  }
}

/** Without a broker, work goes on by polling: seen in the answer, never a reason to be taken out of service. */
@Injectable()
export class BrokerReadiness extends ReadinessCheck {
  readonly name = 'broker';
  override readonly weight = 'degrades';

  constructor(@Inject(TRANSPORT) private readonly transport: Transport) {
    super();
  }

  async findFault(): Promise<string | null> {
    const fault = this.transport.fault();
    return fault === null ? null : `${fault}; work goes on by polling`;
  }
}

/** Due for longer than this, work is late; the alert of the chart begins there too. */
const LATE_AFTER_S = 30;

/** Whether what is due is taken. */
@Injectable()
export class WorkReadiness extends ReadinessCheck {
  readonly name = 'work';
  override readonly weight = 'degrades';

  constructor(private readonly metrics: Metrics) {
    super();
  }

  async findFault(): Promise<string | null> {
    const figures = await this.metrics.tableFigures();
    if (figures === null) return 'not known, the database gave no figures in time';
    const { oldestDueS, queueDepth } = figures;
    if (oldestDueS <= LATE_AFTER_S) return null;
    return `due for ${Math.round(oldestDueS)} s and not started, ${queueDepth} executions in all`;
  }
}

/** Of so many notices that wait, most wait for receivers that are away. */
const BACKLOG = 100;

/** Whether results reach their webhooks. */
@Injectable()
export class WebhookReadiness extends ReadinessCheck {
  readonly name = 'webhooks';
  override readonly weight = 'degrades';

  constructor(private readonly metrics: Metrics) {
    super();
  }

  async findFault(): Promise<string | null> {
    const pending = (await this.metrics.tableFigures())?.outboxPending ?? 0;
    return pending > BACKLOG ? `${pending} notices wait to be delivered` : null;
  }
}

export const READINESS = [
  DatabaseReadiness,
  ShutdownReadiness,
  ClockReadiness,
  BrokerReadiness,
  WorkReadiness,
  WebhookReadiness,
];
