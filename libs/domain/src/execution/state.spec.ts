import { readFileSync } from 'node:fs';
import { mayMove } from '../../test/support/may-move.js';
import {
  EDGES,
  EXECUTION_STATES,
  type ExecutionState,
  FINAL_STATES,
  isFinal,
  JOB_STATUSES,
  statesOf,
  statusOf,
} from './state.js';

type Edge = [from: string, to: string, when: string];

const edges: Edge[] = Object.entries(EDGES).flatMap(([from, ways]) =>
  Object.entries(ways).map(([to, when]): Edge => [from, to, when]),
);
const pairs = edges.map(([from, to]) => [from, to]);

describe('docs/state-machine.md', () => {
  const lines = readFileSync('docs/state-machine.md', 'utf8').split('\n');
  const arrows = lines.flatMap((line) => {
    const arrow = /^\s*(\S+) --> (\S+)$/.exec(line);
    return arrow === null ? [] : [arrow.slice(1)];
  });
  const table = lines
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  const rowsOf = (columns: number): string[][] =>
    table.filter((row) => row.length === columns && EXECUTION_STATES.some((state) => state === row[0]));

  it('draws every edge of the code and no other', () => {
    expect(arrows.filter((arrow) => !arrow.includes('[*]'))).toEqual(pairs);
  });

  it('lets the final states end, and no other', () => {
    expect(arrows.filter(([, to]) => to === '[*]').map(([from]) => from)).toEqual(FINAL_STATES);
  });

  it('says of every edge when it is taken, in the words of the code', () => {
    expect(rowsOf(3)).toEqual(edges);
  });

  it('gives every state the word that old clients know it by', () => {
    const words = EXECUTION_STATES.map((state) => [state, statusOf(state) || 'none']);
    expect(rowsOf(2)).toEqual(words);
  });
});

describe('the states of an execution', () => {
  it('are final where no edge leads on', () => {
    const leaving = new Set(pairs.map(([from]) => from));
    for (const state of EXECUTION_STATES)
      expect([state, isFinal(state)]).toEqual([state, !leaving.has(state)]);
    expect(EXECUTION_STATES.filter((state) => !isFinal(state))).toEqual(['waiting', 'running', 'accepted']);
  });

  it('are all reached from waiting', () => {
    const reached = new Set<string>(['waiting']);
    // A set hands out what is added to it while it is walked.
    for (const state of reached) for (const [from, to] of pairs) if (from === state) reached.add(to ?? '');
    expect([...reached].sort()).toEqual([...EXECUTION_STATES].sort());
  });

  it('lead to an end from wherever an execution is', () => {
    for (const state of EXECUTION_STATES.filter((one) => !isFinal(one))) {
      expect(FINAL_STATES.filter((end) => mayMove(state, end))).not.toEqual([]);
    }
  });

  it('may be moved along an edge and in no other way', () => {
    const allowed = EXECUTION_STATES.flatMap((from) =>
      EXECUTION_STATES.filter((to) => mayMove(from, to)).map((to) => [from, to]),
    );
    expect(allowed.sort()).toEqual([...pairs].sort());
  });

  it('become skipped or missed only before they have started', () => {
    for (const end of ['skipped', 'missed'] as const) {
      expect(EXECUTION_STATES.filter((from) => mayMove(from, end))).toEqual(['waiting']);
    }
  });
});

describe('the five words of the contract', () => {
  it.each<[ExecutionState, string]>([
    ['waiting', 'executing'],
    ['running', 'executing'],
    ['accepted', 'executing'],
    ['succeeded', 'success'],
    ['failed', 'failure'],
    ['abandoned', 'abandon'],
    ['interrupted', 'interrupt'],
    ['skipped', ''],
    ['missed', ''],
  ])('%s shows as "%s"', (state, status) => {
    expect(statusOf(state)).toBe(status);
  });

  it('stand for every state that has one, each once', () => {
    const covered = JOB_STATUSES.flatMap(statesOf);
    expect(covered.sort()).toEqual(EXECUTION_STATES.filter((state) => statusOf(state) !== '').sort());
  });

  it('say executing of exactly what has not ended', () => {
    expect(statesOf('executing')).toEqual(EXECUTION_STATES.filter((state) => !isFinal(state)));
  });
});
