import { createHmac } from 'node:crypto';

/**
 * The execute id of a slot: a UUIDv8 (RFC 9562) of the slot's time in milliseconds, then a hash of job and slot
 * keyed by the deployment's secret. A replay makes the same id, and nobody outside can guess or forge one.
 */
export function slotExecuteId(secret: string, jobId: string, slotAt: number): string {
  const time = slotAt.toString(16).padStart(12, '0');
  const hash = createHmac('sha256', secret).update(`${jobId}\n${slotAt}`).digest('hex');
  const variant = ((parseInt(hash.charAt(3), 16) & 0x3) | 0x8).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-8${hash.slice(0, 3)}-${variant}${hash.slice(4, 7)}-${hash.slice(7, 19)}`;
}

/** The id of a slot whose own belongs to another row (forged, or left by a bad restore). Of the same kind. */
export const secondExecuteId = (secret: string, jobId: string, slotAt: number): string =>
  slotExecuteId(secret, `${jobId}\nsecond`, slotAt);

/**
 * Whether an id is of the kind that only slots get (any UUIDv8). Nobody outside may bring one: whoever had seen the
 * id of a slot whose row an edit has deleted could otherwise take it, and the slot could not be written again.
 */
export function isSlotExecuteId(executeId: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i.test(executeId);
}
