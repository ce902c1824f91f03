import { compareWithTarget, countFates, findDoubledSlots, findRepeats, findUnsettled } from './ledger.js';
import { type SlotView } from './shapes.js';
import { type Arrival } from './target.js';

const BEGIN = Date.UTC(2026, 0, 1);
const second = (index: number) => new Date(BEGIN + index * 1000).toISOString();
const slot = (index: number, fate: string, over: Partial<SlotView> = {}): SlotView => ({
  slot_at: second(index),
  fate,
  reason: '',
  execute_id: `e${index}`,
  lateness_ms: 0,
  ...over,
});
const arrival = (index: number, over: Partial<Arrival> = {}): Arrival => ({
  at: BEGIN + index * 1000 + 3,
  executeId: `e${index}`,
  attempt: 1,
  jobId: 'j',
  slot: second(index),
  ...over,
});
const ledger = (...slots: SlotView[]) => ({ jobId: 'j', slots });

describe('the comparison of ledger and target', () => {
  it('finds nothing where every slot is settled and seen once', () => {
    const whole = ledger(slot(0, 'succeeded'), slot(1, 'missed', { slot_to: second(2) }), slot(3, 'skipped'));
    expect(findUnsettled(whole, BEGIN, BEGIN + 4000)).toEqual([]);
    expect(compareWithTarget([whole], [arrival(0)])).toEqual([]);
    expect(countFates([whole])).toEqual({ succeeded: 1, missed: 2, skipped: 1 });
  });

  it.each(['lost', 'due', 'planned', 'running'])('finds a slot that is %s', (fate) => {
    expect(findUnsettled(ledger(slot(0, fate)), BEGIN, BEGIN + 1000)).toHaveLength(1);
  });

  it('finds a gap and a slot of two fates', () => {
    expect(
      findUnsettled(ledger(slot(0, 'succeeded'), slot(2, 'succeeded')), BEGIN, BEGIN + 3000),
    ).toHaveLength(1);
    const twice = ledger(slot(0, 'succeeded'), slot(0, 'skipped'));
    expect(findUnsettled(twice, BEGIN, BEGIN + 1000)).toHaveLength(1);
  });

  it('finds a success that the target never saw, and a skipped slot that it saw', () => {
    expect(compareWithTarget([ledger(slot(0, 'succeeded'))], [])).toHaveLength(1);
    expect(compareWithTarget([ledger(slot(0, 'skipped'))], [arrival(0)])).toHaveLength(1);
  });

  it('finds a request that the ledger does not know, or knows for another slot', () => {
    expect(compareWithTarget([ledger()], [arrival(0)])).toHaveLength(1);
    expect(compareWithTarget([ledger(slot(0, 'succeeded'))], [arrival(0, { slot: second(1) })])).toHaveLength(
      1,
    );
  });

  it('finds repeats of an execution, and slots that two executions ran', () => {
    expect([...findRepeats([arrival(0), arrival(1), arrival(0, { attempt: 2 })]).keys()]).toEqual(['e0']);
    expect(findDoubledSlots([arrival(0), arrival(0, { executeId: 'other' })])).toHaveLength(1);
  });
});
