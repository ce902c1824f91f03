import { type SuccessCode } from './http-info.js';

/** The statuses from the first to the second, both included. */
export type StatusRange = readonly [number, number];

const ANY_SUCCESS: readonly StatusRange[] = [[200, 299]];
/** What is below is no last word, what is above is no status. */
const FIRST = 200;
const LAST = 599;

/** Null: it is neither a status nor a range of them, both from 200 to 599. */
export function parseSuccessCode(code: SuccessCode): StatusRange | null {
  const [, first = '', last = first] = /^([2-5]\d\d)(?:-([2-5]\d\d))?$/.exec(String(code)) ?? [];
  const range = [Number(first), Number(last)] as const;
  return range[0] >= FIRST && range[0] <= range[1] && range[1] <= LAST ? range : null;
}

/** The statuses that are a success for a job; codes that are none count for nothing. */
export function successRanges(codes: readonly SuccessCode[] | undefined): readonly StatusRange[] {
  return codes?.map(parseSuccessCode).filter((range) => range !== null) ?? ANY_SUCCESS;
}

export function isWithin(statusCode: number, ranges: readonly StatusRange[]): boolean {
  return ranges.some(([first, last]) => first <= statusCode && statusCode <= last);
}
