import { EDGES, type ExecutionState } from '../../src/execution/state.js';

export const mayMove = (from: ExecutionState, to: ExecutionState): boolean => EDGES[from][to] !== undefined;
