import { blankExecution, type Execution, type TenantScope } from '@ecron/domain';
import {
  ALICE,
  BOB,
  FakeDoorbell,
  FakeJobStore,
  FixedClock,
  jobInput,
  NOW,
  SETTINGS,
} from '../../test/fakes.js';
import { JobService } from '../job/job.service.js';
import { LedgerStore, type ScheduleVersion } from '../ports/ledger.store.js';
import { LedgerService } from './ledger.service.js';

const MINUTE = 60_000;
const TOP = Date.parse('2026-11-24T01:00:00Z');

class FakeLedgerStore extends LedgerStore {
  schedules: ScheduleVersion[] = [];
  rows: Execution[] = [];

  async versions(_scope: TenantScope, _jobId: string, from: number, to: number): Promise<ScheduleVersion[]> {
    return this.schedules.filter((v) => v.validFrom < to && (v.validTo ?? Infinity) >= from);
  }

  async slotRows(
    _scope: TenantScope,
    _jobId: string,
    from: number,
    to: number,
    limit: number,
  ): Promise<Execution[]> {
    const reaches = (row: Execution) => (row.slotTo ?? row.slotAt ?? 0) >= from && (row.slotAt ?? 0) < to;
    return this.rows.filter(reaches).slice(0, limit);
  }
}

let jobs: FakeJobStore;
let ledger: FakeLedgerStore;
let service: LedgerService;
let jobId: string;

beforeEach(async () => {
  jobs = new FakeJobStore();
  ledger = new FakeLedgerStore();
  const clock = new FixedClock();
  service = new LedgerService(jobs, ledger, clock);
  const input = jobInput({ job_cron_time: '0 * * * * *' });
  jobId = await new JobService(jobs, new FakeDoorbell(), clock, SETTINGS).create(ALICE, input);
  ledger.schedules = [version({})];
});

function version(changes: Partial<ScheduleVersion>): ScheduleVersion {
  const schedule = {
    schedule: '0 * * * * *',
    timeZone: 'UTC',
    dst: 'default',
    beginAt: null,
    endAt: null,
  } as const;
  return { version: 1, ...schedule, enabled: true, anchorAt: 0, validFrom: 0, validTo: null, ...changes };
}

function row(minute: number, changes: Partial<Execution> = {}): Execution {
  const slotAt = TOP + minute * MINUTE;
  const names = { jobId, jobVersion: 1, tenantId: 'tenant-a', jobName: 'n', jobType: 'scheduled' } as const;
  const run = {
    executeId: `e${minute}`,
    trigger: 'schedule',
    maxAttempts: 3,
    state: 'succeeded',
    slotAt,
  } as const;
  return { ...blankExecution(slotAt), ...names, ...run, begunAt: slotAt + 7, ...changes };
}

function claimedUpTo(minute: number): void {
  const job = jobs.jobs.get(jobId);
  if (job !== undefined) jobs.jobs.set(jobId, { ...job, nextSlotAt: TOP + minute * MINUTE });
}

const at = (minute: number): string => new Date(TOP + minute * MINUTE).toISOString().replace('.000', '');
const range = (from: number, to: number) => ({ from: at(from), to: at(to) });

async function fates(from: number, to: number): Promise<string[]> {
  const { items } = await service.slots(ALICE, jobId, range(from, to));
  return items.map(({ slot_at, fate }) => `${(Date.parse(slot_at) - TOP) / MINUTE} ${fate}`);
}

describe('the fate of every slot', () => {
  it('is that of its row; without one due, planned, or lost', async () => {
    ledger.rows = [row(-3), row(-1, { state: 'abandoned' })];
    claimedUpTo(0);
    expect(await fates(-3, 3)).toEqual([
      '-3 succeeded',
      '-2 lost',
      '-1 abandoned',
      '0 due',
      '1 planned',
      '2 planned',
    ]);
  });

  it('names execution and lateness', async () => {
    ledger.rows = [row(-1)];
    const { items } = await service.slots(ALICE, jobId, range(-1, 0));
    expect(items).toEqual([
      { slot_at: at(-1), fate: 'succeeded', reason: '', execute_id: 'e-1', lateness_ms: 7 },
    ]);
  });

  it('shows a range as one item, also when the window begins inside it', async () => {
    ledger.rows = [
      row(-9, { state: 'missed', reason: 'misfire', slotTo: TOP - 3 * MINUTE, slotCount: 7, begunAt: null }),
    ];
    claimedUpTo(-2);
    const { items } = await service.slots(ALICE, jobId, range(-5, -1));
    expect(items.map(({ slot_at, slot_to, count, fate }) => [slot_at, slot_to, count, fate])).toEqual([
      [at(-9), at(-3), 7, 'missed'],
      [at(-2), undefined, undefined, 'due'],
    ]);
  });

  it('is judged by the schedule as it stood: from after its begin to its end', async () => {
    ledger.schedules = [
      version({ schedule: '0 */5 * * * *', validTo: TOP - 10 * MINUTE }),
      version({ enabled: false, validFrom: TOP - 10 * MINUTE, validTo: TOP - 2 * MINUTE }),
      version({ validFrom: TOP - 2 * MINUTE }),
    ];
    claimedUpTo(5);
    expect(await fates(-15, 1)).toEqual(['-15 lost', '-10 lost', '-1 lost', '0 lost']);
  });

  it('shows a row that no schedule accounts for rather than hiding it', async () => {
    ledger.schedules = [version({ schedule: 'no schedule' })];
    ledger.rows = [row(-2)];
    expect(await fates(-5, 0)).toEqual(['-2 succeeded']);
  });
});

describe('the fate of slots while the job changes', () => {
  it('is read anew when an edit has moved the next slot between two reads', async () => {
    ledger.rows = [row(-2)];
    claimedUpTo(0);
    const { versions } = ledger;
    jest.spyOn(ledger, 'versions').mockImplementationOnce((...asked) => {
      const found = versions.apply(ledger, asked);
      // Set back: the slot of the last minute has not been claimed under the new schedule.
      claimedUpTo(-1);
      return found;
    });
    expect(await fates(-2, 1)).toEqual(['-2 succeeded', '-1 due', '0 due']);
  });

  it('is answered all the same when it changes all the time', async () => {
    let minute = 5;
    const { versions } = ledger;
    const read = jest.spyOn(ledger, 'versions').mockImplementation((...asked) => {
      claimedUpTo(++minute);
      return versions.apply(ledger, asked);
    });
    expect(await fates(-1, 0)).toHaveLength(1);
    expect(read).toHaveBeenCalledTimes(5);
  });
});

describe('pages of slots', () => {
  it('go on where the page before ended, behind a range too', async () => {
    ledger.rows = [row(-9, { state: 'missed', slotTo: TOP - 4 * MINUTE }), row(-3), row(-2)];
    claimedUpTo(-1);
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: Awaited<ReturnType<LedgerService['slots']>> = await service.slots(ALICE, jobId, {
        ...range(-10, 0),
        limit: '1',
        cursor,
      });
      seen.push(...page.items.map((item) => `${item.fate} ${item.slot_at}`));
      cursor = page.next_cursor;
    }
    const shown = ['lost -10', 'missed -9', 'succeeded -3', 'succeeded -2', 'due -1'];
    expect(seen).toEqual(shown.map((text) => text.replace(/-\d+/, (minute) => at(Number(minute)))));
  });

  it('cover the last 24 hours when no bounds are given', async () => {
    ledger.schedules = [version({ schedule: '0 0 * * * *' })];
    const { items } = await service.slots(ALICE, jobId, {});
    expect([items.length, items[0]?.slot_at]).toEqual([24, '2026-11-23T02:00:00Z']);
    expect(Date.parse(items.at(-1)?.slot_at ?? '')).toBeLessThanOrEqual(NOW);
  });

  it('are refused for an unknown job, a reversed range and a foreign cursor', async () => {
    await expect(service.slots(BOB, jobId, {})).rejects.toMatchObject({ kind: 'unknown job' });
    await expect(service.slots(ALICE, jobId, range(1, 0))).rejects.toMatchObject({ kind: 'bad field' });
    await expect(service.slots(ALICE, jobId, { cursor: 'x' })).rejects.toMatchObject({
      detail: { parameters: ['cursor'] },
    });
  });
});
