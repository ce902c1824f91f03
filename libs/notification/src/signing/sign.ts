import { createHmac, sign as signWith } from 'node:crypto';
import { type SecretKind } from '../ports/secret.store.js';
import { privateKeyOf, symmetricKey } from './keys.js';

export interface SigningKey {
  kind: SecretKind;
  key: string;
}

/** What is sent: `timestamp` in whole seconds, of this try. */
export interface Message {
  id: string;
  timestamp: number;
  body: string;
}

/** The headers of Standard Webhooks 1.0.0; without a key there is no signature. */
export function webhookHeaders(message: Message, keys: readonly SigningKey[]): Record<string, string> {
  const signature = keys.map((key) => signatureOf(message, key)).join(' ');
  return {
    'webhook-id': message.id,
    'webhook-timestamp': String(message.timestamp),
    ...(signature !== '' && { 'webhook-signature': signature }),
  };
}

function signatureOf({ id, timestamp, body }: Message, { kind, key }: SigningKey): string {
  const content = Buffer.from(`${id}.${timestamp}.${body}`);
  return kind === 'symmetric'
    ? `v1,${createHmac('sha256', symmetricKey(key)).update(content).digest('base64')}`
    : `v1a,${signWith(null, content, privateKeyOf(key)).toString('base64')}`;
}
