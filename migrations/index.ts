import { Ledger1764000000000 } from './1764000000000-ledger.js';

/** In the order they are applied. */
export const MIGRATIONS = [Ledger1764000000000];
