import { isSlotExecuteId, slotExecuteId } from './execute-id.js';

describe('the execute id of a slot', () => {
  const at = Date.parse('2026-11-24T09:00:00Z');

  it('is a UUIDv8 that begins with the slot time', () => {
    const id = slotExecuteId('secret', 'job', at);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(at);
  });

  it('is the same for the same slot, and another for another job, slot or secret', () => {
    const ids = [
      slotExecuteId('secret', 'job', at),
      slotExecuteId('secret', 'job', at),
      slotExecuteId('secret', 'other', at),
      slotExecuteId('secret', 'job', at + 1),
      slotExecuteId('other', 'job', at),
    ];
    expect(ids[0]).toBe(ids[1]);
    expect(new Set(ids).size).toBe(4);
  });

  it('is told from every id that outsiders may bring', () => {
    const id = slotExecuteId('secret', 'job', at);
    expect([id, id.toUpperCase()].map(isSlotExecuteId)).toEqual([true, true]);
    const others = [
      'mine',
      `${id}-`,
      '6f1c2f9e-3d0a-4e0b-9c53-1f6c2f9e3d0a',
      '01a20cc8-b590-7f5b-802d-feaa2d0c5110',
    ];
    expect(others.map(isSlotExecuteId)).toEqual([false, false, false, false]);
  });
});
