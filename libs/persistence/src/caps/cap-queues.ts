import { type Caps } from '@ecron/domain';
import { type Database } from '../database.js';
import { closeQueues, handOver, OPEN_CAPS, openCapsAt } from './hand-over.js';
import { type CheckedPlace, PLACES_BEHIND, recountPlaces } from './recount-places.js';

/** Places that one look checks; the next one goes on behind them. */
const PLACES_PER_LOOK = 2_000;
/** Where caps have been lifted, whoever still waits goes on. */
const LIFTED: Caps = { perTenant: null, tenants: {}, perHost: null };

/** The places under the caps and who waits for them, over a database. */
export class CapQueues {
  private checkedTo = '';

  constructor(
    private readonly database: Database,
    private readonly caps: Caps | undefined,
  ) {}

  /** Whether runs need places at all. */
  get isCapped(): boolean {
    return this.caps !== undefined;
  }

  /** Gives free places to those who wait for them. */
  async handOver(now: number): Promise<void> {
    while ((await this.database.read(OPEN_CAPS, openCapsAt(now, 1))).length > 0) {
      const { handled, idle } = await this.database.write('routine', (sql) =>
        handOver(sql, this.caps ?? LIFTED, now),
      );
      const closed =
        idle.length === 0 ? 0 : await this.database.write('routine', (sql) => closeQueues(sql, idle));
      if (handled + closed === 0) return;
    }
  }

  /** Gives back the places of runs that have ended without doing so themselves: some of them in each call. */
  async recount(): Promise<void> {
    const places = await this.database.read<CheckedPlace>(PLACES_BEHIND, [this.checkedTo, PLACES_PER_LOOK]);
    this.checkedTo = places.length < PLACES_PER_LOOK ? '' : (places.at(-1)?.execute_id ?? '');
    const over = places.filter((place) => place.is_over === 1);
    if (over.length > 0) await this.database.write('routine', (sql) => recountPlaces(sql, over));
  }
}
