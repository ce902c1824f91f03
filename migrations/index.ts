import { Ledger1764000000000 } from './1764000000000-ledger.js';
import { Output1765000000000 } from './1765000000000-output.js';
import { Cap1766000000000 } from './1766000000000-cap.js';

/** In the order they are applied. */
export const MIGRATIONS = [Ledger1764000000000, Output1765000000000, Cap1766000000000];
