import { setTimeout as pause } from 'node:timers/promises';

const LOOK_EVERY_MS = 20;
/** Several nodes notice the death of all of them by their leases only. */
const PATIENCE_MS = process.env['ECRON_TEST_CLUSTER'] ? 40_000 : 10_000;

/** Looks again and again until `look` no longer throws; its last error when `timeoutMs` has passed. */
export async function eventually<T>(look: () => Promise<T> | T, timeoutMs = PATIENCE_MS): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (performance.now() >= deadline) throw error;
    }
    await pause(LOOK_EVERY_MS);
  }
}

/** Runs `work` on every item, `width` at a time; results in the order of the items. */
export async function inParallel<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const lane = async () => {
    for (let index = next++; index < items.length; index = next++) {
      results[index] = await work(items[index] as T, index);
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
  return results;
}
