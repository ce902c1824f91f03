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
