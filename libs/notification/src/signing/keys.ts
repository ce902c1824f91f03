import { createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { type SecretPlace } from '@ecron/domain';
import { type SecretKind } from '../ports/secret.store.js';

/** Bytes; the specification asks for 24 to 64. */
const SECRET_BYTES = 32;
/** Of the 44 bytes of a public key in DER the last ones are the key itself. */
const ED25519_BYTES = 32;

/** A new key, and what the receiver needs to verify by it. */
export interface NewKey {
  /** What signs; to be sealed. */
  key: string;
  /** `whpk_…`, '' of a symmetric one. */
  publicKey: string;
}

/** What a sealed key is bound to. */
export const keyPlace = (tenantId: string): SecretPlace => ({ tenantId, field: 'webhook secret' });

export function makeKey(kind: SecretKind): NewKey {
  return kind === 'symmetric'
    ? { key: `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`, publicKey: '' }
    : makePair();
}

function makePair(): NewKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-ED25519_BYTES);
  return {
    key: privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
    publicKey: `whpk_${raw.toString('base64')}`,
  };
}

export const symmetricKey = (key: string): Buffer => Buffer.from(key.replace(/^whsec_/, ''), 'base64');

export const privateKeyOf = (key: string): ReturnType<typeof createPrivateKey> =>
  createPrivateKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'pkcs8' });
