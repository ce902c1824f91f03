import { eventually } from '../support/eventually.js';
import { everySecond, jobBody, oneShot, QUICK_RETRY, rfc3339, secondAhead } from '../support/jobs.js';
import { useRig } from '../support/rig.js';
import { type ExecutionView, type Page, type SlotView } from '../support/shapes.js';

const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';
const MEMBERS =
  `execute_id job_id job_name job_type tenant_id trigger slot_at state reason job_status attempt max_attempts
   not_before queued_at started_at ended_at lateness_ms attempts result error`.split(/\s+/);

const rig = useRig();
const encoded = encodeURIComponent;

/** Jobs that start together before the first test, so that the tests need not wait one after the other. */
const scheduled = { at: new Date(0), from: '', oneShot: '', ledger: '', overlap: '', edited: '' };
const EDITED = 'edited in the ledger';

beforeAll(async () => {
  const { url } = rig.target;
  scheduled.from = rfc3339(secondAhead(0));
  scheduled.at = secondAhead(1000);
  scheduled.oneShot = await rig.api.create({
    ...oneShot(`${url}/ok/slot`, scheduled.at),
    time_zone: 'Asia/Shanghai',
  });
  scheduled.ledger = await rig.api.create(everySecond(`${url}/ok/ledger`));
  scheduled.overlap = await rig.api.create(everySecond(`${url}/slow/1500/ledger`));
  scheduled.edited = await rig.api.create({ ...everySecond(`${url}/ok/edited`), job_name: EDITED });
});

const arrived = (path: string, atLeast: number) =>
  eventually(async () => expect((await rig.target.seen(path)).length).toBeGreaterThanOrEqual(atLeast));

async function runToEnd(jobId: string): Promise<string> {
  const { execute_id } = await rig.api.run({ job_id: jobId });
  await eventually(async () => expect((await rig.api.execution(execute_id)).ended_at).not.toBe(''));
  return execute_id;
}

describe('GET /execution/:execute_id', () => {
  it('shows every member, "" for unset times', async () => {
    const jobId = await rig.api.create(
      jobBody(`${rig.target.url}/ok`, { job_name: 'shown', job_type: 'timed' }),
    );
    const execution = await rig.api.execution(await runToEnd(jobId));
    expect(Object.keys(execution)).toEqual(MEMBERS);
    expect(execution).toMatchObject({
      job_id: jobId,
      job_name: 'shown',
      job_type: 'timed',
      tenant_id: 'mock-client-id',
      trigger: 'request',
      slot_at: '',
      state: 'succeeded',
      reason: '',
      job_status: 'success',
      attempt: 1,
      max_attempts: 3,
      not_before: '',
      error: '',
    });
    const [attempt] = execution.attempts;
    expect(attempt).toMatchObject({ attempt: 1, outcome: 'succeeded', status_code: 200 });
    expect(attempt?.node_id).not.toBe('');
    const times = [execution.queued_at, execution.started_at, execution.ended_at].map((at) => Date.parse(at));
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it('shows slot and lateness of a slot in the zone of the job', async () => {
    const { at, oneShot: jobId } = scheduled;
    const execution = await eventually(async () => {
      const [one] = await rig.api.executions(`job_id=${jobId}&state=succeeded`);
      expect(one).toBeDefined();
      return one as ExecutionView;
    });
    expect(execution.slot_at).toMatch(/\+08:00$/);
    expect(Date.parse(execution.slot_at)).toBe(at.getTime());
    expect(execution.lateness_ms).toBe(Date.parse(execution.started_at) - at.getTime());
    expect(execution.trigger).toBe('schedule');
  });

  it('answers 404 for an unknown id', async () => {
    const answer = await rig.api.call('GET', `/execution/${UNKNOWN_ID}`);
    expect([answer.status, answer.json.code]).toEqual([404, 404009001]);
  });
});

describe('GET /execution', () => {
  it('pages newest first by cursor, each item once', async () => {
    const jobId = await rig.api.create(jobBody(`${rig.target.url}/ok`));
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.push(await runToEnd(jobId));
    const first = await rig.api.get<Page<ExecutionView>>(`/execution?job_id=${jobId}&limit=2`);
    expect(Object.keys(first)).toEqual(['items', 'next_cursor']);
    expect(first.items).toHaveLength(2);
    expect(first.next_cursor).not.toBeNull();
    const all = await rig.api.executions(`job_id=${jobId}&limit=2`);
    expect(all.map((one) => one.execute_id)).toEqual(ids.reverse());
    expect((await rig.api.get<Page<ExecutionView>>(`/execution?job_id=${jobId}`)).next_cursor).toBeNull();
  });

  it('filters by states, trigger and time, from inclusive, to exclusive', async () => {
    const jobId = await rig.api.create(jobBody(`${rig.target.url}/ok`));
    const failing = { exec: `${rig.target.url}/status/500`, mode: 'http', policy: { retry: QUICK_RETRY } };
    const good = await runToEnd(jobId);
    const { execute_id: failed } = await rig.api.run({ job_id: jobId, job_context: failing });
    await eventually(async () => expect((await rig.api.execution(failed)).state).toBe('abandoned'));
    const found = async (query: string) =>
      (await rig.api.executions(`job_id=${jobId}&${query}`)).map((one) => one.execute_id);
    expect(await found('state=succeeded')).toEqual([good]);
    expect(await found('state=succeeded&state=abandoned')).toEqual([failed, good]);
    expect(await found('trigger=request')).toHaveLength(2);
    expect(await found('trigger=schedule')).toEqual([]);
    expect(
      await found(`from=${encoded('2001-01-01T00:00:00Z')}&to=${encoded('2100-01-01T00:00:00Z')}`),
    ).toHaveLength(2);
    expect(await found('from=2100-01-01T00:00:00Z')).toEqual([]);
    expect(await found('to=2001-01-01T00:00:00Z')).toEqual([]);
  });

  it('compares slots with from and to half open', async () => {
    const { at, oneShot: jobId } = scheduled;
    const found = (query: string) => rig.api.executions(`job_id=${jobId}&${query}`);
    await eventually(async () => expect(await found('state=succeeded')).toHaveLength(1));
    expect(await found(`from=${encoded(rfc3339(at))}`)).toHaveLength(1);
    expect(await found(`to=${encoded(rfc3339(at))}`)).toEqual([]);
  });

  it.each([
    ['state=x', 'state'],
    ['trigger=x', 'trigger'],
    ['from=x', 'from'],
    ['to=x', 'to'],
    ['limit=x', 'limit'],
    ['limit=-1', 'limit'],
    ['cursor=x', 'cursor'],
    ['stat=succeeded', 'stat'],
  ])('refuses %s', async (query, field) => {
    const { status, json } = await rig.api.call('GET', `/execution?${query}`);
    expect([status, json.code, json.detail]).toEqual([400, 400009001, { parameters: [field] }]);
  });
});

describe('GET /job/:job_id/slot', () => {
  const secondsOf = (items: SlotView[]) => items.map((one) => Date.parse(one.slot_at));

  it('gives every slot its fate, oldest first, past and planned', async () => {
    const { ledger: jobId, from } = scheduled;
    await arrived('/ok/ledger', 3);
    const to = secondAhead(30_000);
    const slots = await rig.api.slots(jobId, from, rfc3339(to));
    const first = Date.parse(slots[0]?.slot_at ?? '');
    expect(secondsOf(slots)).toEqual(slots.map((_, index) => first + index * 1000));
    expect(Date.parse(slots.at(-1)?.slot_at ?? '')).toBe(to.getTime() - 1000);
    const fates = new Set(slots.map((one) => one.fate));
    expect([fates.has('succeeded'), fates.has('planned'), fates.has('lost')]).toEqual([true, true, false]);
    const ran = slots.find((one) => one.fate === 'succeeded');
    expect(Object.keys(ran ?? {})).toEqual(['slot_at', 'fate', 'reason', 'execute_id', 'lateness_ms']);
    expect(await rig.api.execution(ran?.execute_id ?? '')).toMatchObject({
      job_id: jobId,
      slot_at: ran?.slot_at,
    });
  });

  it('says which slots were skipped, and why', async () => {
    const skipped = await eventually(async () => {
      const { items } = await rig.api.get<Page<SlotView>>(`/job/${scheduled.overlap}/slot`);
      const found = items.find((one) => one.fate === 'skipped');
      expect(found).toBeDefined();
      return found;
    });
    expect(skipped).toMatchObject({ reason: 'overlap' });
  });

  it('judges each slot by the schedule as it stood', async () => {
    const { edited: jobId, from } = scheduled;
    await arrived('/ok/edited', 2);
    const yearly = jobBody(`${rig.target.url}/ok/edited`, { job_name: EDITED, enabled: true });
    await rig.api.must(200, 'PUT', `/job/${jobId}`, yearly);
    const { updated_at } = await rig.api.job(jobId);
    const ledger = () => rig.api.slots(jobId, from, rfc3339(secondAhead(60_000)));
    const slots = await eventually(async () => {
      const items = await ledger();
      expect(items.map((one) => one.fate)).not.toContain('due');
      return items;
    });
    expect(slots.length).toBeGreaterThanOrEqual(2);
    for (const one of slots)
      expect(Date.parse(one.slot_at)).toBeLessThanOrEqual(Date.parse(updated_at) + 1000);
    expect(slots.map((one) => one.fate)).not.toContain('lost');
  });

  it('pages by cursor', async () => {
    const jobId = await rig.api.create(
      everySecond(`${rig.target.url}/ok/paged`, { begin_at: '2090-01-01T00:00:00Z' }),
    );
    const path = `/job/${jobId}/slot?from=2090-01-01T00:00:00Z&to=2090-01-01T00:00:10Z&limit=4`;
    const seconds: number[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: Page<SlotView> = await rig.api.get(
        cursor === '' ? path : `${path}&cursor=${encoded(cursor)}`,
      );
      expect(page.items.length).toBeLessThanOrEqual(4);
      seconds.push(...secondsOf(page.items));
      cursor = page.next_cursor;
    }
    expect(seconds).toEqual(Array.from({ length: 10 }, (_, index) => Date.UTC(2090, 0, 1, 0, 0, index)));
  });

  it('begins a day ago and ends now, where it is not told otherwise', async () => {
    await arrived('/ok/ledger', 3);
    const { items } = await rig.api.get<Page<SlotView>>(`/job/${scheduled.ledger}/slot`);
    expect(items.length).toBeGreaterThanOrEqual(2);
    expect(items.length).toBeLessThanOrEqual(50);
    expect(items.map((one) => one.fate)).not.toContain('planned');
  });

  it('has nothing for a job that is disabled', async () => {
    const jobId = await rig.api.create({ ...everySecond(`${rig.target.url}/ok`), enabled: false });
    expect(await rig.api.get(`/job/${jobId}/slot`)).toEqual({ items: [], next_cursor: null });
  });

  it('answers 404 for an unknown job, and 400 for a bad time', async () => {
    expect((await rig.api.call('GET', `/job/${UNKNOWN_ID}/slot`)).status).toBe(404);
    const jobId = await rig.api.create(jobBody(`${rig.target.url}/ok`));
    const { status, json } = await rig.api.call('GET', `/job/${jobId}/slot?from=x`);
    expect([status, json.detail]).toEqual([400, { parameters: ['from'] }]);
  });
});
