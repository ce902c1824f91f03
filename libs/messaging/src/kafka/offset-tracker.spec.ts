import { OffsetTracker, type TrackedMessage } from './offset-tracker.js';

function begin(tracker: OffsetTracker, offset: number): TrackedMessage {
  const entry = tracker.begin(offset);
  if (entry === null) throw new Error(`${offset} was handed out before`);
  return entry;
}

describe('OffsetTracker', () => {
  it('has nothing to commit while the first message is at work, however many later ones are done', () => {
    const tracker = new OffsetTracker();
    const first = begin(tracker, 5);
    tracker.finish(begin(tracker, 6));
    tracker.finish(begin(tracker, 9));
    expect(tracker.due).toBeNull();
    tracker.finish(first);
    expect(tracker.due).toBe(10);
  });

  it('commits up to the first message that is not done', () => {
    const tracker = new OffsetTracker();
    const entries = [0, 1, 2, 3].map((offset) => begin(tracker, offset));
    for (const n of [0, 1, 3]) tracker.finish(entries[n] as TrackedMessage);
    expect(tracker.due).toBe(2);
  });

  it('has nothing to commit twice', () => {
    const tracker = new OffsetTracker();
    tracker.finish(begin(tracker, 0));
    tracker.markCommitted(1);
    expect(tracker.due).toBeNull();
    tracker.finish(begin(tracker, 1));
    expect(tracker.due).toBe(2);
  });

  it('hands no message out twice, whether at work or done', () => {
    const tracker = new OffsetTracker();
    tracker.finish(begin(tracker, 0));
    begin(tracker, 1);
    expect([tracker.begin(0), tracker.begin(1)]).toEqual([null, null]);
    expect(tracker.begin(2)).not.toBeNull();
  });

  it('lets go of a message that 10 000 later ones have overtaken', () => {
    const tracker = new OffsetTracker();
    begin(tracker, 0);
    for (let offset = 1; offset <= 9_999; offset++) tracker.finish(begin(tracker, offset));
    expect(tracker.due).toBeNull();
    tracker.finish(begin(tracker, 10_000));
    expect(tracker.due).toBe(10_001);
  });

  it('sees by the end of the partition that the topic was made anew', () => {
    const tracker = new OffsetTracker();
    begin(tracker, 7);
    expect(tracker.isBeyond(8)).toBe(false);
    expect(tracker.isBeyond(7)).toBe(true);
  });
});
