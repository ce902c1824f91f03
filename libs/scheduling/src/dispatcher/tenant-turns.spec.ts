import { TenantTurns } from './tenant-turns.js';

describe('tenants in turn', () => {
  const turnsOf = (...names: string[]) => {
    const turns = new TenantTurns();
    for (const executeId of names) turns.push({ executeId, tenantId: executeId.charAt(0), dueAt: 0 });
    return turns;
  };
  const drain = (turns: TenantTurns, count = turns.size) =>
    Array.from({ length: count }, () => turns.next()?.executeId);

  it('take one row each, in the order in which their rows came', () => {
    const turns = turnsOf('a1', 'a2', 'a3', 'b1', 'c1', 'c2');
    expect(turns.size).toBe(6);
    expect(drain(turns)).toEqual(['a1', 'b1', 'c1', 'a2', 'c2', 'a3']);
    expect([turns.size, turns.next()]).toEqual([0, undefined]);
  });

  it('let in who comes while others wait', () => {
    const turns = turnsOf('a1', 'a2', 'a3', 'a4');
    expect(drain(turns, 2)).toEqual(['a1', 'a2']);
    turns.push({ executeId: 'b1', tenantId: 'b', dueAt: 0 });
    expect(drain(turns)).toEqual(['a3', 'b1', 'a4']);
  });
});
