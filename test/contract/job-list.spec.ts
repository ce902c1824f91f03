import { everySecond, jobBody, type JobBody } from '../support/jobs.js';
import { bad, refusalOf, UNKNOWN_ID, unknownJob } from '../support/refusals.js';
import { useRig } from '../support/rig.js';
import { type JobView } from '../support/shapes.js';

const NEVER_CALLED = 'http://127.0.0.1:1/never-called';
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

const rig = useRig();
const job = (over: JobBody = {}, context: JobBody = {}) => jobBody(NEVER_CALLED, over, context);
const refusal = (method: string, path: string, body?: unknown) => refusalOf(rig.api, method, path, body);
const encoded = encodeURIComponent;

describe('GET /job', () => {
  const list = (query: string) => rig.api.get<JobView[]>(`/job?${query}`);

  it('gives one job without a limit, none with 0, and caps the limit at 1 000', async () => {
    await rig.api.create(job());
    await rig.api.create(job());
    expect(await rig.api.get<JobView[]>('/job')).toHaveLength(1);
    expect(await list('limit=0')).toEqual([]);
    expect((await list('limit=100000')).length).toBeLessThanOrEqual(1000);
  });

  it('pages newest first, without a repeat or a gap within one second', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 6; i++) ids.push(await rig.api.create(job({ job_type: 'timed' })));
    const pages = [1, 2, 3].map((page) => list(`job_type=timed&limit=2&page=${page}`));
    const paged = (await Promise.all(pages)).flat().map((one) => one.job_id);
    expect(paged).toEqual(ids.reverse());
  });

  it('filters by the time of creation', async () => {
    const stored = await rig.api.job(await rig.api.create(job()));
    const at = (shiftMs: number) => encoded(new Date(Date.parse(stored.created_at) + shiftMs).toISOString());
    expect((await list(`limit=1&timestamp=${at(0)}`))[0]?.created_at).toBe(stored.created_at);
    const older = await list(`limit=1000&timestamp=${at(-2000)}`);
    expect(older.map((one) => one.job_id)).not.toContain(stored.job_id);
  });

  it('gives the jobs of repeated ids, one for a repeat, whatever else is asked', async () => {
    const ids = [await rig.api.create(job()), await rig.api.create(job())];
    const query = [...ids, ids[0]].map((id) => `job_id=${id}`).join('&');
    const found = (await list(`${query}&limit=x&page=0&timestamp=x&job_type=x`)).map((one) => one.job_id);
    expect(found.sort()).toEqual([...ids].sort());
  });

  it('answers 404 for one unknown id, a comma list, and an empty id', async () => {
    const id = await rig.api.create(job());
    for (const query of [`job_id=${id}&job_id=${UNKNOWN_ID}`, `job_id=${id},${id}`, 'job_id=']) {
      expect(await refusal('GET', `/job?${query}`)).toEqual(unknownJob());
    }
  });

  it.each([
    ['limit=-1', bad('Limit or page illegal', 'page', 'limit')],
    ['limit=abc', bad('Limit or page illegal', 'page', 'limit')],
    ['limit=1.5', bad('Limit or page illegal', 'page', 'limit')],
    ['page=0', bad('Limit or page illegal', 'page', 'limit')],
    ['page=', bad('Limit or page illegal', 'page', 'limit')],
    ['page=1.5', bad('Limit or page illegal', 'page', 'limit')],
    ['job_type=daily', bad('Illegal job type', 'job_type')],
    ['timestamp=today', bad('Illegal time ', 'timestamp')],
    ['timestamp=2030-01-01T00:00:00+08:00', bad('Illegal time ', 'timestamp')],
    ['timestamp=1970-01-01T00:00:00Z', bad('Illegal time ', 'timestamp')],
  ])('refuses %s', async (query, expected) => {
    expect(await refusal('GET', `/job?${query}`)).toEqual(expected);
  });

  it('redirects a trailing slash', async () => {
    const answer = await rig.api.call('GET', '/job/');
    expect([answer.status, answer.headers.location]).toEqual([301, '/api/ecron-management/v1/job']);
  });
});

describe('GET /jobtotal', () => {
  const total = (query = '') => rig.api.get<{ total: number; timestamp: string }>(`/jobtotal${query}`);

  it('counts the jobs and says when', async () => {
    const before = await total();
    expect(Object.keys(before)).toEqual(['total', 'timestamp']);
    expect(before.timestamp).toMatch(RFC3339);
    await rig.api.create(job());
    expect((await total()).total).toBe(before.total + 1);
  });

  it('counts from begin_at to end_at, both inclusive, by creation', async () => {
    const { created_at } = await rig.api.job(await rig.api.create(everySecond(`${rig.target.url}/ok`)));
    const at = encoded(created_at);
    expect((await total(`?begin_at=${at}&end_at=${at}`)).total).toBeGreaterThanOrEqual(1);
    expect(await total('?begin_at=2100-01-01T00:00:00Z')).toMatchObject({ total: 0 });
    expect(await total('?end_at=2001-01-01T00:00:00Z')).toMatchObject({ total: 0 });
  });

  it.each([
    ['begin_at=x&end_at=x', bad('Illegal time ', 'begin_at')],
    ['end_at=x', bad('Illegal time ', 'end_at')],
    ['begin_at=1970-01-01T00:00:00Z', bad('Illegal time ', 'begin_at')],
    [
      'begin_at=2030-01-02T00:00:00Z&end_at=2030-01-01T00:00:00Z',
      bad('End time is earlier than start time', 'begin_at', 'end_at'),
    ],
  ])('refuses %s', async (query, expected) => {
    expect(await refusal('GET', `/jobtotal?${query}`)).toEqual(expected);
  });
});
