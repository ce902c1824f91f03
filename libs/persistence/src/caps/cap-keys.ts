import { hash } from 'node:crypto';
import { type CapReason, type CapWish } from '@ecron/domain';

/** As text, so that a key and a tenant fit together into the column of holders. */
const DIGEST_CHARS = 16;
/** No id of a node begins so: a waiting row whose holder does waits for a cap. It sorts behind every other. */
export const CAP_SIGN = '~';
/** Sorts behind every character of a digest. */
const LAST = '~';

const KIND: Record<CapReason, string> = { 'tenant cap': 't', 'host cap': 'h', 'tenant rate': 'r' };

/** A cap that a run needs a place of, by the key of its row. */
export interface CapClaim {
  key: string;
  limit: number;
  reason: CapReason;
}

export function toClaim({ reason, subject, limit }: CapWish): CapClaim {
  return { key: `${CAP_SIGN}${KIND[reason]}${digest(subject)}`, limit, reason };
}

/** Whether the key's row counts the starts of a minute: a place of it is one of these, and is not given back. */
export const isRate = (capKey: string): boolean => capKey.startsWith(CAP_SIGN + KIND['tenant rate']);

/** The holder of a tenant's waiting rows that need a place of this cap. */
export const queueOf = (capKey: string, tenantId: string): string => capKey + digest(tenantId);

/** Every queue of the cap lies between the two, both left out. */
export const queuesOf = (capKey: string): readonly [string, string] => [capKey, capKey + LAST];

/** As long as a tenant's name may be, keys are short. */
export const digest = (subject: string): string =>
  hash('sha256', subject, 'base64url').slice(0, DIGEST_CHARS);
