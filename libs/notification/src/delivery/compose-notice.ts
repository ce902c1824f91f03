import { formatInstant, scheduleOf } from '@ecron/domain';
import { showExecution } from '@ecron/jobs';
import { type ClaimedDelivery } from '../ports/delivery.store.js';
import { buildPayload } from './payload.js';

/** The body of a delivery; null: its execution is not kept any more. */
export function composeNotice(delivery: ClaimedDelivery, timeZone: string, now: number): string | null {
  const { execution, sequence, superseded } = delivery;
  if (execution === null) return null;
  const zone = zoneOf(delivery, timeZone);
  const timestamp = formatInstant(execution.endedAt ?? delivery.createdAt, zone);
  return buildPayload(showExecution(execution, zone, now), { sequence, superseded, timestamp });
}

/** A schedule of an old version may not be readable any more. */
function zoneOf({ facts }: ClaimedDelivery, timeZone: string): string {
  if (facts === null) return timeZone;
  try {
    return scheduleOf(facts).zone;
  } catch {
    return facts.timeZone;
  }
}
