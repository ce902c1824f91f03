import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import {
  isSealed,
  NoSealingKeyError,
  SEALED_PREFIX,
  Sealer,
  type SecretPlace,
  UnopenableSecretError,
} from '@ecron/domain';

const ALGORITHM = 'aes-256-gcm';
const FORMAT = `${SEALED_PREFIX}1`;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const KEY_ID_CHARS = 12;

interface SealingKey {
  id: string;
  key: Buffer;
}

/**
 * AES-256-GCM. A sealed text is `ecron-sealed:1:<id of the key>:<iv, cipher text and tag in base64url>`; format, key,
 * tenant and field are authenticated with it. A key's id is the beginning of its hash, so nobody has to number keys.
 */
export class AesSealer extends Sealer {
  private readonly keys: readonly SealingKey[];

  /** @param keys of 64 hexadecimal digits; the first seals, all of them open. None: nothing can be sealed. */
  constructor(keys: readonly string[]) {
    super();
    this.keys = keys.map((digits) => toKey(Buffer.from(digits, 'hex')));
  }

  /** The first is that of the key that seals. */
  get keyIds(): readonly string[] {
    return this.keys.map(({ id }) => id);
  }

  get canSeal(): boolean {
    return this.keys.length > 0;
  }

  seal(plain: string, place: SecretPlace): string {
    const [current] = this.keys;
    if (current === undefined) throw new NoSealingKeyError();
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(ALGORITHM, current.key, iv).setAAD(boundTo(current.id, place));
    const sealed = Buffer.concat([iv, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return `${FORMAT}:${current.id}:${sealed.toString('base64url')}`;
  }

  open(stored: string, place: SecretPlace): string {
    if (!isSealed(stored)) return stored;
    const { keyId, bytes } = parse(stored);
    const key = this.keys.find(({ id }) => id === keyId);
    if (key === undefined) {
      const which = 'it was sealed under a key that is not configured (secret_key_file, secret_key)';
      throw new UnopenableSecretError(`a secret cannot be opened: ${which}`);
    }
    return decrypt(key, bytes, place);
  }

  isCurrent(stored: string): boolean {
    const [current] = this.keys;
    if (current === undefined) return true;
    return isSealed(stored) && parse(stored).keyId === current.id;
  }
}

function toKey(key: Buffer): SealingKey {
  const id = createHash('sha256').update('ecron key id').update(key).digest('hex').slice(0, KEY_ID_CHARS);
  return { id, key };
}

const boundTo = (keyId: string, { tenantId, field }: SecretPlace): Buffer =>
  Buffer.from(JSON.stringify([FORMAT, keyId, tenantId, field]));

function parse(stored: string): { keyId: string; bytes: Buffer } {
  const [keyId = '', text = ''] = stored.startsWith(`${FORMAT}:`)
    ? stored.slice(FORMAT.length + 1).split(':')
    : [];
  return { keyId, bytes: Buffer.from(text, 'base64url') };
}

function decrypt({ id, key }: SealingKey, bytes: Buffer, place: SecretPlace): string {
  try {
    const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, IV_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(boundTo(id, place)).setAuthTag(bytes.subarray(-TAG_BYTES));
    const plain = decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES));
    return Buffer.concat([plain, decipher.final()]).toString('utf8');
  } catch {
    throw new UnopenableSecretError('a secret cannot be opened: it was sealed for another place, or changed');
  }
}
