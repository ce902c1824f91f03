import { resolvePolicy } from '@ecron/domain';
import { toAttempts, toContext, toPolicy } from './stored-json.js';

const DEFAULTS = { maxAttempts: 3, completion: 'auto' } as const;

describe('a stored text that no edit of ours can have written', () => {
  let told: string[];
  const tell = (rule: string) => void told.push(rule);
  beforeEach(() => {
    told = [];
  });

  it.each([
    '',
    '{',
    'null',
    '[]',
    '5',
    '{"retry":5}',
    '{"retry":null}',
    '{"retry":{"max_attempts":"x"}}',
    '{"retry":{"max_attempts":1e12}}',
    '{"misfire":[]}',
    '{"timeout_s":-1}',
  ])('is a policy of one attempt: %s', (text) => {
    const { retry, timeoutMs } = resolvePolicy(toPolicy(text, tell), 'http', DEFAULTS);
    expect([retry.maxAttempts, timeoutMs]).toEqual([1, 60_000]);
    expect(told).toEqual([expect.stringContaining('policy')]);
  });

  it.each(['', '{', 'null', '{}', '5', '[1]', '[null]'])('is no attempts: %s', (text) => {
    expect(toAttempts(text, tell)).toEqual([]);
    expect(told).toEqual([expect.stringContaining('attempts')]);
  });

  it.each(['', '{', 'null', '[]', '{}', '{"mode":"http","exec":5,"info":{}}', '{"mode":"exe","exec":"x"}'])(
    'is a context that nothing runs: %s',
    (text) => {
      expect(toContext(text, tell)).toMatchObject({ mode: 'unreadable', exec: '', info: { params: null } });
      expect(told).toEqual([expect.stringContaining('context')]);
    },
  );

  it('is told from every other', () => {
    const policy = { retry: { max_attempts: 2, jitter: false }, misfire: { grace_s: 0 }, dst: 'robfig' };
    const context = { mode: 'http', exec: 'http://target.test/', info: { params: null } };
    expect(toPolicy(JSON.stringify(policy), tell)).toEqual(policy);
    expect(toAttempts('[{"attempt":1}]', tell)).toEqual([{ attempt: 1 }]);
    expect(toAttempts(null, tell)).toEqual([]);
    expect(toContext(JSON.stringify(context), tell)).toEqual(context);
    expect(told).toEqual([]);
  });
});
