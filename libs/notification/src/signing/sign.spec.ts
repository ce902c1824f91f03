import { createPublicKey, verify } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { makeKey } from './keys.js';
import { webhookHeaders } from './sign.js';

const message = () => ({
  id: 'e-1',
  timestamp: Math.floor(Date.now() / 1000),
  body: '{"type":"x","name":"日本"}',
});

describe('the signature', () => {
  it('of two secrets is good for the holder of either, and for nobody else', () => {
    const [old, young, other] = ['symmetric', 'symmetric', 'symmetric'].map(() => makeKey('symmetric').key);
    const sent = message();
    const headers = webhookHeaders(sent, [
      { kind: 'symmetric', key: old! },
      { kind: 'symmetric', key: young! },
    ]);
    expect(new Webhook(old!).verify(sent.body, headers)).toEqual(JSON.parse(sent.body));
    expect(new Webhook(young!).verify(sent.body, headers)).toEqual(JSON.parse(sent.body));
    expect(() => new Webhook(other!).verify(sent.body, headers)).toThrow('No matching signature');
  });

  it('covers id, time and body', () => {
    const { key } = makeKey('symmetric');
    const sent = message();
    const headers = webhookHeaders(sent, [{ kind: 'symmetric', key }]);
    const verifier = new Webhook(key);
    expect(() => verifier.verify(`${sent.body} `, headers)).toThrow();
    expect(() => verifier.verify(sent.body, { ...headers, 'webhook-id': 'e-2' })).toThrow();
    const later = String(sent.timestamp + 1);
    expect(() => verifier.verify(sent.body, { ...headers, 'webhook-timestamp': later })).toThrow();
  });

  it('by ed25519 is verified with the public key alone', () => {
    const { key, publicKey } = makeKey('ed25519');
    const sent = message();
    const headers = webhookHeaders(sent, [{ kind: 'ed25519', key }]);
    const [version, signature = ''] = headers['webhook-signature']?.split(',') ?? [];
    const x = Buffer.from(publicKey.replace('whpk_', ''), 'base64').toString('base64url');
    const verifier = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    const content = Buffer.from(`${sent.id}.${sent.timestamp}.${sent.body}`);
    expect([version, publicKey.slice(0, 5)]).toEqual(['v1a', 'whpk_']);
    expect(verify(null, content, verifier, Buffer.from(signature, 'base64'))).toBe(true);
  });

  it('is left out where the tenant has no secret', () => {
    expect(Object.keys(webhookHeaders(message(), []))).toEqual(['webhook-id', 'webhook-timestamp']);
  });
});
