import { judgeTry, type TryResult } from './judge-try.js';

const NOW = Date.parse('2026-11-24T09:00:00Z');
const MIDDLE = 0.5;

const judge = (statusCode: number, retryAfter = '', attempt = 1): TryResult =>
  judgeTry({ statusCode, retryAfter }, attempt, NOW, MIDDLE);

describe('a try', () => {
  it.each([200, 202, 299])('is a success by %i', (status) => {
    expect(judge(status)).toEqual({ verdict: { kind: 'delivered' }, statusCode: status, error: '' });
  });

  it.each([302, 400, 404, 500, 503])('is made again after %i', (status) => {
    expect(judge(status).verdict).toEqual({ kind: 'again', dueAt: NOW + 5_000 });
  });

  it('is the last one after 410', () => {
    expect(judge(410)).toEqual({
      verdict: { kind: 'gone' },
      statusCode: 410,
      error: 'the receiver answered 410 Gone',
    });
  });

  it.each([
    ['120', NOW + 120_000],
    ['Tue, 24 Nov 2026 09:10:00 GMT', NOW + 600_000],
    ['1', NOW + 5_000],
    ['Tue, 24 Nov 2026 08:10:00 GMT', NOW + 5_000],
    ['soon', NOW + 5_000],
  ])('is made again no sooner than Retry-After: %s asks for', (retryAfter, dueAt) => {
    expect(judge(429, retryAfter).verdict).toEqual({ kind: 'again', dueAt });
  });

  it('is not made an eleventh time', () => {
    expect(judge(500, '', 10).verdict).toEqual({ kind: 'given up' });
  });

  it('is not made again where the address is refused, but is where nothing answered', () => {
    const refused = judgeTry({ error: 'the webhook is refused', isRefused: true }, 1, NOW, MIDDLE);
    const silent = judgeTry({ error: 'x'.repeat(400), isRefused: false }, 1, NOW, MIDDLE);
    expect(refused.verdict).toEqual({ kind: 'given up' });
    expect(silent).toEqual({
      verdict: { kind: 'again', dueAt: NOW + 5_000 },
      statusCode: null,
      error: 'x'.repeat(255),
    });
  });
});
