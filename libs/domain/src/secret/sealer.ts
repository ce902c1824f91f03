/** What a sealed text belongs to: it opens nowhere else, so that no row can borrow another's secret. */
export interface SecretPlace {
  tenantId: string;
  /** Names the field, and what else tells two secrets of a tenant apart. */
  field: string;
}

/** How a sealed text begins; nobody may store a text of his own that begins like it. */
export const SEALED_PREFIX = 'ecron-sealed:';

export const isSealed = (text: string): boolean => text.startsWith(SEALED_PREFIX);

/** The text cannot be opened: its key is not configured, or it was sealed elsewhere or changed. Says nothing of the secret. */
export class UnopenableSecretError extends Error {
  override readonly name = 'UnopenableSecretError';
}

/** The deployment has no key to seal secrets with; the message names the one to configure. */
export class NoSealingKeyError extends Error {
  override readonly name = 'NoSealingKeyError';

  constructor() {
    super('this deployment has no key to keep secrets under: configure secret_key_file or secret_key');
  }
}

/** Keeps secrets from whoever reads the database. What is sealed is text that begins with {@link SEALED_PREFIX}. */
export abstract class Sealer {
  /** False: {@link seal} throws. */
  abstract readonly canSeal: boolean;
  /** Two calls give two texts. @throws NoSealingKeyError */
  abstract seal(plain: string, place: SecretPlace): string;
  /** What was stored before secrets were sealed comes back as it is. @throws UnopenableSecretError */
  abstract open(stored: string, place: SecretPlace): string;
  /** Whether new secrets are sealed under the key of this one; true for what is not sealed where nothing can be. */
  abstract isCurrent(stored: string): boolean;
}
