import { Streak } from './streak.js';

describe('a streak', () => {
  let streak: Streak;
  beforeEach(() => {
    streak = new Streak(1_000);
  });

  it('is of no length before anything has succeeded', () => {
    expect(streak.lengthMs(5_000)).toBe(0);
  });

  it('lasts from its first success on', () => {
    streak.succeeded(5_000);
    streak.succeeded(6_000);
    expect(streak.lengthMs(6_500)).toBe(1_500);
  });

  it('begins anew after a failure', () => {
    streak.succeeded(5_000);
    streak.broke();
    expect(streak.lengthMs(5_500)).toBe(0);
    streak.succeeded(5_600);
    expect(streak.lengthMs(6_000)).toBe(400);
  });

  it('is broken by a silence, and begins anew after it', () => {
    streak.succeeded(5_000);
    expect(streak.lengthMs(6_001)).toBe(0);
    streak.succeeded(6_001);
    expect(streak.lengthMs(6_101)).toBe(100);
  });
});
