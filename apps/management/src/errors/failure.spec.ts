import { HttpException } from '@nestjs/common';
import { AuthError, IntrospectionUnavailable } from '@ecron/auth';
import { refuse } from '@ecron/jobs';
import { WriteQueueFullError } from '@ecron/persistence';
import { toFailure } from './failure.js';

describe('what a caller is told', () => {
  it('is a refusal word for word', () => {
    expect(toFailure(refuse.time('end_at'))).toEqual({
      kind: 'bad time',
      causeText: 'Illegal time ',
      detail: { parameters: ['end_at'] },
      headers: {},
    });
  });

  it('is how to authenticate, where that is missing', () => {
    const headersOf = (reason: 'empty' | 'expired') => toFailure(new AuthError(reason))?.headers;
    expect(headersOf('empty')).toEqual({ 'www-authenticate': 'Bearer' });
    expect(headersOf('expired')).toEqual({ 'www-authenticate': 'Bearer error="invalid_token"' });
  });

  it('is that the token server is away, not that the token is bad', () => {
    expect(toFailure(new IntrospectionUnavailable())?.kind).toBe('unavailable');
  });

  it('is when to come again, where too many writes wait', () => {
    expect(toFailure(new WriteQueueFullError())).toMatchObject({
      kind: 'unavailable',
      headers: { 'retry-after': '5' },
    });
  });

  it('is what the HTTP server refused by itself', () => {
    const kindOf = (status: number) => toFailure(new HttpException('x', status))?.kind;
    expect([404, 413, 400, 414].map(kindOf)).toEqual([
      'unknown path',
      'too large',
      'bad request',
      'bad request',
    ]);
  });

  it('is nothing of our own errors', () => {
    expect(toFailure(new Error('SELECT secret'))).toBeNull();
    expect(toFailure(new HttpException('x', 500))).toBeNull();
    expect(toFailure('text')).toBeNull();
  });
});
