import fc from 'fast-check';
import { DueHeap } from './due-heap.js';

describe('the heap of held rows', () => {
  it('gives every row back once, the earliest due first', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50), { maxLength: 200 }), (dues) => {
        const heap = new DueHeap();
        dues.forEach((dueAt, n) => heap.push({ executeId: String(n), tenantId: '', dueAt }));
        const popped = [];
        for (let row = heap.pop(); row !== undefined; row = heap.pop()) popped.push(row);
        expect(popped.map((row) => row.dueAt)).toEqual([...dues].sort((a, b) => a - b));
        expect(new Set(popped.map((row) => row.executeId)).size).toBe(dues.length);
        expect(heap.size).toBe(0);
      }),
      { seed: 7 },
    );
  });
});
