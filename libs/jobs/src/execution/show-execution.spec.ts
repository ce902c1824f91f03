import { blankExecution, type Execution } from '@ecron/domain';
import { showExecution } from './show-execution.js';

const NOW = Date.parse('2026-11-24T09:00:00Z');

describe('the reason that an execution shows', () => {
  const reasonOf = (own: Partial<Execution>) =>
    showExecution({ ...blankExecution(NOW), ...own } as Execution, 'UTC', NOW).reason;

  it('is that the nodes are full where it is due for a second and was told nothing', () => {
    expect(reasonOf({ dueAt: NOW - 1_000 })).toBe('node cap');
    expect(reasonOf({ dueAt: NOW - 999 })).toBe('');
  });

  it('is its own where it has one, and none where it waits for nothing', () => {
    expect(reasonOf({ dueAt: NOW - 5_000, reason: 'tenant cap' })).toBe('tenant cap');
    expect(reasonOf({ dueAt: null })).toBe('');
    expect(reasonOf({ dueAt: NOW - 5_000, state: 'accepted' })).toBe('');
  });
});
