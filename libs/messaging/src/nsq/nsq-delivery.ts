/** A message as nsqd handed it out. */
export interface NsqDelivery {
  id: string;
  /** How often nsqd has handed it out, this time included. */
  attempts: number;
  body: Buffer;
  /** When nsqd's clock for it began to run, or began anew; `Infinity` once its connection is gone. */
  touchedAtMs: number;
}

/** What becomes of a message that was handled: done, or handed out again after the delay. */
export type NsqVerdict = 'finish' | { requeueMs: number };

/** The frame: timestamp (8 bytes), attempts (2), id (16), body. */
export function readDelivery(frame: Buffer): NsqDelivery {
  return {
    id: frame.toString('latin1', 10, 26),
    attempts: frame.readUInt16BE(8),
    body: frame.subarray(26),
    touchedAtMs: performance.now(),
  };
}

export function verdictCommand({ id }: NsqDelivery, verdict: NsqVerdict): string {
  return verdict === 'finish' ? `FIN ${id}\n` : `REQ ${id} ${verdict.requeueMs}\n`;
}

export function touchCommand({ id }: NsqDelivery): string {
  return `TOUCH ${id}\n`;
}
