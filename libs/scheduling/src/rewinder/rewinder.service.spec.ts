import { Logger } from '@nestjs/common';
import { FakeClaims, makeNode, NOW } from '../../test/fakes.js';
import { type DueJob } from '../ports/claim.store.js';
import { Rewinder } from './rewinder.service.js';

const HOUR_MS = 3_600_000;

describe('the rewinder', () => {
  let node: ReturnType<typeof makeNode>;
  let claims: FakeClaims;
  let rewinder: Rewinder;
  beforeEach(() => {
    Logger.overrideLogger(false);
    jest.useFakeTimers({ now: NOW });
    node = makeNode();
    claims = new FakeClaims();
    rewinder = new Rewinder(claims, node.clock);
  });
  afterEach(() => jest.useRealTimers());

  /** A step of the shared clock, and the reads that confirm it. */
  const step = (ms: number): void => {
    node.sources.step(ms);
    node.clock.check();
    jest.advanceTimersByTime(30_000);
    node.clock.check();
  };
  const afters = () => claims.rewinds.map((request) => request.after);

  it('goes over all jobs, page by page, once the clock has gone back', async () => {
    await rewinder.look();
    expect(claims.rewinds).toEqual([]);
    step(-HOUR_MS);
    claims.pages = ['f', 'm'];
    await rewinder.look();
    await rewinder.look();
    expect(afters()).toEqual(['', 'f', 'm']);
    expect(claims.rewinds[0]).toMatchObject({ now: NOW - HOUR_MS + 30_000 });
  });

  it('does nothing when the clock has gone ahead', async () => {
    step(HOUR_MS);
    await rewinder.look();
    expect(claims.rewinds).toEqual([]);
  });

  it('begins anew after a failure, and for each step', async () => {
    step(-HOUR_MS);
    claims.failures = 1;
    await rewinder.look();
    await rewinder.look();
    step(-HOUR_MS);
    await rewinder.look();
    expect(afters()).toEqual(['', '', '']);
  });

  it('gives a job the first slot after now, and leaves one whose schedule cannot be read', async () => {
    step(-HOUR_MS);
    await rewinder.look();
    const job = {
      jobId: 'j',
      type: 'scheduled',
      schedule: '0 0 * * * *',
      timeZone: 'UTC',
      dst: 'default',
    } as DueJob;
    const facts = { ...job, beginAt: null, endAt: null, anchorAt: 0, nextSlotAt: NOW + HOUR_MS };
    const next = claims.rewinds[0]?.next;
    expect(next?.(facts, NOW - 1)).toBe(NOW);
    expect(next?.({ ...facts, schedule: 'never' }, NOW - 1)).toBeNull();
  });
});
