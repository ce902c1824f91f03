import { type ExecutionState } from '../execution/state.js';
import { type JobMode, type JobType } from '../job/job.js';

/** The end of the year 9999: what instants can be shown. */
const LATEST_S = 253_402_300_799;

const TYPES: Record<number, JobType> = { 1: 'timed', 2: 'scheduled', 3: 'real-time' };
const MODES: Record<string, JobMode> = {
  1: 'http',
  2: 'exe',
  3: 'https',
  http: 'http',
  exe: 'exe',
  https: 'https',
};
const STATES: Record<number, ExecutionState | 'executing'> = {
  1: 'succeeded',
  2: 'executing',
  3: 'failed',
  4: 'interrupted',
  5: 'abandoned',
};

export const legacyType = (value: unknown): JobType | undefined => TYPES[Number(value)];
export const legacyState = (value: unknown): ExecutionState | 'executing' | undefined =>
  STATES[Number(value)];

/** The table has numbers where the API has words; stored contexts are read with either. */
export function legacyMode(value: unknown): JobMode | undefined {
  const word = String(value);
  return Object.hasOwn(MODES, word) ? MODES[word] : undefined;
}

/** Unix seconds as epoch milliseconds; null: unset (NULL or 0), or no instant of the years 1970 to 9999. */
export function legacyTime(seconds: number | string | null): number | null {
  const value = Number(seconds ?? 0);
  return Number.isInteger(value) && value > 0 && value <= LATEST_S ? value * 1000 : null;
}

/** Whether a time is set, and yet no instant. */
export function isOddTime(seconds: number | string | null): boolean {
  return Number(seconds ?? 0) !== 0 && legacyTime(seconds) === null;
}

/** Characters as the database counts them: an emoji is one. */
export const isLonger = (text: string, characters: number): boolean =>
  text.length > characters && Array.from(text).length > characters;

/** The value of a JSON text; undefined where it is none. */
export function readJson(text: string | null): unknown {
  try {
    return JSON.parse(text ?? '') as unknown;
  } catch {
    return undefined;
  }
}
