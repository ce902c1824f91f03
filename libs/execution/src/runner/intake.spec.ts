import { DECLINE_AFTER_MS, Intake } from './intake.js';

describe('the intake', () => {
  let intake: Intake;
  let done: string[];
  let hasPlace: boolean;
  beforeEach(() => {
    jest.useFakeTimers();
    hasPlace = false;
    intake = new Intake(() => hasPlace);
    done = [];
  });
  afterEach(() => {
    intake.declineAll();
    jest.useRealTimers();
  });

  const offer = (name: string, ...ids: string[]) => void intake.offer(ids).then(() => done.push(name));
  const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

  it('gives out what is offered in the order it came, each once', () => {
    offer('first', 'a', 'b');
    offer('second', 'c');
    expect(intake.take(2)).toEqual(['a', 'b']);
    expect(intake.take(2)).toEqual(['c']);
    expect(intake.take(2)).toEqual([]);
    expect(intake.size).toBe(0);
  });

  it('answers an offer when the last of its rows is settled', async () => {
    offer('first', 'a', 'b');
    offer('second', 'c');
    intake.take(3);
    intake.settle(['a', 'c']);
    await pass(0);
    expect(done).toEqual(['second']);
    intake.settle(['b']);
    await pass(0);
    expect(done).toEqual(['second', 'first']);
  });

  it('takes a row once while it waits or is being started, and anew when that is over', async () => {
    offer('first', 'a');
    offer('again', 'a');
    intake.take(1);
    offer('while it starts', 'a');
    expect(intake.size).toBe(0);
    intake.settle(['a']);
    offer('after', 'a');
    expect(intake.take(1)).toEqual(['a']);
    intake.settle(['a']);
    await pass(0);
    expect(done).toContain('after');
  });

  it('tells what has been given out and is not settled', () => {
    offer('first', 'a', 'b');
    intake.take(1);
    expect([intake.isTaken('a'), intake.isTaken('b')]).toEqual([true, false]);
    intake.settle(['a']);
    expect(intake.isTaken('a')).toBe(false);
  });

  it('answers an offer that names a row twice', async () => {
    offer('twice', 'a', 'a');
    expect(intake.take(5)).toEqual(['a']);
    intake.settle(['a']);
    await pass(0);
    expect(done).toEqual(['twice']);
  });

  it('answers an offer of nothing at once', async () => {
    offer('nothing');
    await pass(0);
    expect(done).toEqual(['nothing']);
  });

  it('declines what has found no place for too long', async () => {
    offer('first', 'a', 'b');
    await pass(DECLINE_AFTER_MS - 1);
    expect(done).toEqual([]);
    await pass(1);
    expect(done).toEqual(['first']);
    expect(intake.take(2)).toEqual([]);
  });

  it('waits on while places become free', async () => {
    offer('first', 'a', 'b', 'c');
    await pass(0.75 * DECLINE_AFTER_MS);
    intake.take(1);
    await pass(0.75 * DECLINE_AFTER_MS);
    intake.take(1);
    await pass(DECLINE_AFTER_MS - 1);
    expect(intake.size).toBe(1);
    await pass(1);
    expect(intake.size).toBe(0);
  });

  it('waits its turn while the node has a place, and not longer', async () => {
    hasPlace = true;
    offer('first', 'a');
    await pass(3.5 * DECLINE_AFTER_MS);
    expect(intake.size).toBe(1);
    hasPlace = false;
    await pass(DECLINE_AFTER_MS);
    expect(done).toEqual(['first']);
  });

  it('does not wait on for being asked while there is no place', async () => {
    offer('first', 'a');
    for (let n = 0; n < 4; n++) {
      await pass(DECLINE_AFTER_MS / 4);
      offer(`more ${n}`, `b${n}`);
      intake.take(0);
    }
    await pass(0);
    expect(done).toContain('first');
  });

  it('leaves to its start what has been given out, however long that takes', async () => {
    offer('first', 'a');
    intake.take(1);
    await pass(10 * DECLINE_AFTER_MS);
    expect(done).toEqual([]);
  });

  it('declines at once when it must, but not what is being started', async () => {
    offer('first', 'a');
    intake.take(1);
    offer('second', 'b');
    intake.declineAll();
    await pass(0);
    expect(done).toEqual(['second']);
  });
});
