import {
  type ContextSecret,
  type JobContext,
  mapSecrets,
  NoSealingKeyError,
  type Sealer,
  secretsOf,
  UnopenableSecretError,
} from '@ecron/domain';
import { refuse } from '../errors.js';

/** The secrets of the context that an edit replaces, opened; null in place of one that cannot be. */
export type StoredSecrets = ReadonlyMap<string, { stored: string; plain: string | null }>;

/** @param context null: nothing is stored yet. */
export function openStored(context: JobContext | null, tenantId: string, sealer: Sealer): StoredSecrets {
  const secrets = context === null ? [] : secretsOf(context);
  return new Map(
    secrets.map(({ field, text }) => [
      field,
      { stored: text, plain: openOrNull(sealer, text, { tenantId, field }) },
    ]),
  );
}

function openOrNull(sealer: Sealer, text: string, place: { tenantId: string; field: string }): string | null {
  try {
    return sealer.open(text, place);
  } catch (error) {
    if (error instanceof UnopenableSecretError) return null;
    throw error;
  }
}

/**
 * What is stored of a context that is complete and checked. A secret that an edit leaves as it was stays as it is
 * stored, so that the edit does not look like a change of it.
 * @throws ApiError where there is a new secret and no key to seal it with
 */
export function sealSecrets(
  context: JobContext,
  tenantId: string,
  sealer: Sealer,
  known: StoredSecrets,
): JobContext {
  refuseTwins(secretsOf(context));
  return mapSecrets(context, (secret) => {
    const before = known.get(secret.field);
    if (before?.plain === secret.text && isSealedEnough(before.stored, sealer)) return before.stored;
    return seal(secret, tenantId, sealer);
  });
}

/** What was stored in the clear before there were keys goes on working, until there is one. */
const isSealedEnough = (stored: string, sealer: Sealer): boolean =>
  !sealer.canSeal || sealer.isCurrent(stored);

function seal({ field, path, text }: ContextSecret, tenantId: string, sealer: Sealer): string {
  try {
    return sealer.seal(text, { tenantId, field });
  } catch (error) {
    if (!(error instanceof NoSealingKeyError)) throw error;
    throw refuse.field(path, `is a secret, and ${error.message}`);
  }
}

/** Names of headers are one whatever their case, and so are their places. */
function refuseTwins(secrets: readonly ContextSecret[]): void {
  const twin = secrets.find(({ field }, at) => secrets.findIndex((one) => one.field === field) < at);
  if (twin !== undefined)
    throw refuse.field(twin.path, 'stands there twice: case does not tell headers apart');
}
