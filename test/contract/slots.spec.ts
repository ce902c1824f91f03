import { eventually } from '../support/eventually.js';
import { everySecond, oneShot, rfc3339, secondAhead, type JobBody } from '../support/jobs.js';
import { useRig } from '../support/rig.js';
import { type SeenRequest } from '../support/target.js';

const rig = useRig();
/** The jobs by the path they call. They start together, so that the tests need not wait one after the other. */
const ids: Record<string, string> = {};
let oneShotAt: Date;

const inMinutes = (minutes: number) => rfc3339(secondAhead(minutes * 60_000));
const each = (path: string, over: JobBody = {}) => ({ ...everySecond(rig.target.url + path), ...over });

beforeAll(async () => {
  oneShotAt = secondAhead(1000);
  const jobs: [string, JobBody][] = [
    ['/ok/each', each('/ok/each')],
    ['/ok/timed', each('/ok/timed', { job_type: 'timed' })],
    ['/ok/real-time', each('/ok/real-time', { job_type: 'real-time' })],
    ['/ok/every', each('/ok/every', { job_cron_time: '@every 1s' })],
    ['/ok/rests', each('/ok/rests', { enabled: false })],
    ['/ok/before-edit', each('/ok/before-edit', { job_name: 'edited' })],
    ['/slow/1500/overlap', each('/slow/1500/overlap')],
    ['/ok/one-shot', oneShot(`${rig.target.url}/ok/one-shot`, oneShotAt)],
    ['/ok/begins-later', everySecond(`${rig.target.url}/ok/begins-later`, { begin_at: inMinutes(5) })],
    ['/ok/has-ended', everySecond(`${rig.target.url}/ok/has-ended`, { end_at: inMinutes(-5) })],
  ];
  await Promise.all(jobs.map(async ([path, job]) => (ids[path] = await rig.api.create(job))));
});

const idOf = (path: string) => ids[path] ?? '';
const slotsOf = (requests: SeenRequest[]) =>
  requests.map((one) => Date.parse(one.headers['x-ecron-slot'] ?? ''));

async function seen(path: string, atLeast: number): Promise<SeenRequest[]> {
  return eventually(async () => {
    const requests = await rig.target.seen(path);
    expect(requests.length).toBeGreaterThanOrEqual(atLeast);
    return requests;
  });
}

/** Waits until the clock of the service has passed `count` more slots. */
async function passSlots(count: number): Promise<void> {
  await seen('/ok/each', (await rig.target.seen('/ok/each')).length + count);
}

describe('a schedule', () => {
  it('fires every slot once, none before its time', async () => {
    const requests = await seen('/ok/each', 3);
    const slots = slotsOf(requests);
    expect(slots).toEqual(slots.map((_, index) => (slots[0] ?? 0) + index * 1000));
    requests.forEach((one, index) => expect(one.at).toBeGreaterThanOrEqual(slots[index] ?? Infinity));
  });

  it.each(['timed', 'real-time'])('of a %s job fires like any other', async (type) => {
    const slots = slotsOf(await seen(`/ok/${type}`, 2));
    expect((slots[1] ?? 0) - (slots[0] ?? 0)).toBe(1000);
  });

  it('of @every fires at whole intervals from its anchor', async () => {
    const slots = slotsOf(await seen('/ok/every', 3));
    expect([(slots[1] ?? 0) - (slots[0] ?? 0), (slots[2] ?? 0) - (slots[1] ?? 0)]).toEqual([1000, 1000]);
  });

  it('of one instant fires once, then nothing is due', async () => {
    const requests = await seen('/ok/one-shot', 1);
    expect(slotsOf(requests)).toEqual([oneShotAt.getTime()]);
    const jobId = idOf('/ok/one-shot');
    expect((await rig.api.job(jobId)).next_slot_at).toBe('');
    const [slot, ...more] = await eventually(async () => {
      const slots = await rig.api.slots(jobId, inMinutes(-1), inMinutes(1));
      expect(slots).toMatchObject([{ fate: 'succeeded' }]);
      return slots;
    });
    expect(Date.parse(slot?.slot_at ?? '')).toBe(oneShotAt.getTime());
    expect(more).toEqual([]);
    expect(await rig.target.seen('/ok/one-shot')).toHaveLength(1);
  });

  it('keeps to begin_at and end_at', async () => {
    await seen('/ok/each', 2);
    expect(await rig.target.seen('/ok/begins-later')).toEqual([]);
    expect(await rig.target.seen('/ok/has-ended')).toEqual([]);
  });

  it('skips slots that fall into an earlier run of the job', async () => {
    const requests = await seen('/slow/1500/overlap', 3);
    const jobId = idOf('/slow/1500/overlap');
    await rig.api.must(200, 'PUT', `/job/${jobId}/enable`, { enable: false });
    for (let i = 1; i < requests.length; i++) {
      expect((requests[i]?.at ?? 0) - (requests[i - 1]?.at ?? 0)).toBeGreaterThanOrEqual(1500);
    }
    const skipped = await rig.api.executions(`job_id=${jobId}&state=skipped`);
    expect(skipped.length).toBeGreaterThanOrEqual(1);
    for (const one of skipped) expect(one).toMatchObject({ reason: 'overlap', started_at: '' });
    const shown = (await rig.api.statuses(`job_id=${jobId}&job_type=scheduled`)).map((one) => one.execute_id);
    expect(shown.length).toBeGreaterThanOrEqual(3);
    expect(shown).not.toContain(skipped[0]?.execute_id);
  });

  it('rests while the job is disabled', async () => {
    await seen('/ok/each', 2);
    expect(await rig.target.seen('/ok/rests')).toEqual([]);
    const jobs = [idOf('/ok/rests'), idOf('/ok/timed')].join(',');
    await rig.api.must(200, 'PUT', `/job/${jobs}/enable`, { enable: true });
    await seen('/ok/rests', 1);
  });

  it('follows an edit', async () => {
    await seen('/ok/before-edit', 1);
    const jobId = idOf('/ok/before-edit');
    await rig.api.must(200, 'PUT', `/job/${jobId}`, each('/ok/after-edit', { job_name: 'edited' }));
    const before = await rig.target.seen('/ok/before-edit');
    await seen('/ok/after-edit', 2);
    await rig.api.must(200, 'DELETE', `/job/${jobId}`);
    const [old, young] = [await rig.target.seen('/ok/before-edit'), await rig.target.seen('/ok/after-edit')];
    expect(new Set(slotsOf([...old, ...young])).size).toBe(old.length + young.length);
    // What had been taken to start when the edit came may still arrive.
    expect(old.length - before.length).toBeLessThanOrEqual(1);
  });

  it('of a hundred jobs ends with one call, while they run', async () => {
    const path = '/slow/100/hundred';
    const jobs = Array.from({ length: 100 }, () => rig.api.create(each(path)));
    const hundred = await Promise.all(jobs);
    await seen(path, 100);
    await rig.api.must(200, 'DELETE', `/job/${hundred.join(',')}`);
    const deletedAt = Date.now();
    await passSlots(2);
    // What had been taken to start when the call came may still arrive.
    const late = (await rig.target.seen(path)).filter((one) => one.at > deletedAt + 500);
    expect(late).toEqual([]);
  });
});
