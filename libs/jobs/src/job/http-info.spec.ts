import { SECRET_MASK } from '@ecron/domain';
import { type StoredInfo } from '../secrets/keep-secrets.js';
import { readHttpInfo } from './http-info.js';

const INFO = { method: '', params: null, headers: null, body: null, kubernetes: null };

describe('the options of an HTTP job as they are stored', () => {
  it('are only those that say something', () => {
    expect(readHttpInfo({}, null)).toEqual({});
    const nothing = { verify: true, ca: '', cert: null };
    expect(readHttpInfo({ tls: nothing, keep_head: false, assert: null, body_text: null }, null)).toEqual({});
    expect(readHttpInfo({ tls: { verify: false }, max_redirects: 0 }, null)).toEqual({
      tls: { verify: false },
      max_redirects: 0,
    });
    expect(readHttpInfo({ assert: { json_path: '$.a', equals: false, matches: null } }, null)).toEqual({
      assert: { json_path: '$.a', equals: false },
    });
  });

  it('keep the key that is stored where an edit sends the mask back', () => {
    const shown = { cert: 'certificate', key: SECRET_MASK };
    const secrets = new Map([['tls.key', { stored: 'sealed', plain: 'secret' }]]);
    const stored: StoredInfo = { info: INFO, secrets, isElsewhere: false };
    expect(readHttpInfo({ tls: shown }, stored)).toEqual({ tls: { cert: 'certificate', key: 'secret' } });
    expect(readHttpInfo({ tls: { ...shown, key: 'new' } }, stored).tls?.key).toBe('new');
    expect(readHttpInfo({ tls: null }, stored)).toEqual({});
  });

  it('have no mask for a key', () => {
    const stored: StoredInfo = { info: INFO, secrets: new Map(), isElsewhere: false };
    expect(() => readHttpInfo({ tls: { key: SECRET_MASK } }, stored)).toThrow('job_context.info.tls.key');
    expect(() => readHttpInfo({ tls: { key: SECRET_MASK } }, null)).toThrow('job_context.info.tls.key');
  });
});
