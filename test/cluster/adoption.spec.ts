import { describeWith } from '@ecron/testing';
import { type Api } from '../support/api.js';
import { eventually } from '../support/eventually.js';
import { jobBody, rfc3339 } from '../support/jobs.js';
import { type AdoptionMeta, type OldDatabase } from '../support/old-database.js';
import { OldDeployment } from '../support/old-deployment.js';
import { type JobView, type SlotView, type StatusView } from '../support/shapes.js';
import { Target } from '../support/target.js';

jest.setTimeout(90_000);

/** Of the old process: left to it by its environment, not by a key. */
const ZONE = 'Asia/Shanghai';
const ALL = `begin_at=${encodeURIComponent('2000-01-01T00:00:00Z')}`;
const WEBHOOK = '/executionresult';

/** What an old client sends back of a job that it was shown: it knows neither `time_zone` nor `policy`. */
function asOldClientKnowsIt({ job_context, ...job }: JobView, edit: Partial<JobView>) {
  const { mode, exec, info, notify, begin_at, end_at } = job_context;
  const { job_name, job_cron_time, job_type, enabled, remarks } = { ...job, ...edit };
  const context = { mode, exec, info, notify, begin_at, end_at };
  return { job_name, job_cron_time, job_type, job_context: context, enabled, remarks };
}

const wordsOf = (statuses: StatusView[]) =>
  Object.fromEntries(statuses.map(({ execute_id, job_status }) => [execute_id, job_status]));

const countSkipped = (slots: SlotView[]) =>
  slots.filter(({ fate }) => fate === 'skipped').reduce((sum, { count }) => sum + (count ?? 1), 0);

describeWith(['mariadb', 'nsq'], 'an old deployment that is started on this version', (endpoints) => {
  let deployment: OldDeployment;
  let database: OldDatabase;
  let target: Target;
  let a: Api;
  let b: Api;
  let checksum: object[];
  let said: string;
  let startedAt: string;
  beforeAll(async () => {
    target = await Target.start();
    deployment = await OldDeployment.create(endpoints);
    database = deployment.database;
    await database.bringToToday(target.url);
    checksum = await database.checksum();
    startedAt = rfc3339(new Date(Math.floor(Date.now() / 1000) * 1000));
    await deployment.boot({ TZ: ZONE });
    said = deployment.output();
    [a, b] = [deployment.client('tenant-a'), deployment.client('tenant-b')];
  });
  afterAll(async () => {
    await Promise.all([target?.stop(), deployment?.discard()]);
  });

  describe('its jobs', () => {
    it('are all there, each for its tenant only, and on or off as they were', async () => {
      const jobs = await a.get<JobView[]>('/job?limit=1000');
      expect(Object.fromEntries(jobs.map(({ job_id, enabled }) => [job_id, enabled]))).toEqual({
        ...{ plain: true, quotes: true, disabled: false, never: true, every: true, list: true, step: true },
        ...{ headers: true, long: true, window: true, twin: true, late: false, second: true },
      });
      expect(await a.get('/jobtotal')).toMatchObject({ total: jobs.length });
      const theirs = await b.get<JobView[]>('/job?limit=1000');
      expect(theirs.map(({ job_id }) => job_id).sort()).toEqual(['command', 'namesake']);
      expect(await b.get('/jobtotal')).toMatchObject({ total: 2 });
      expect((await b.call('GET', '/job?job_id=plain')).status).toBe(404);
    });

    it('are shown with all that they were, in the zone of the process, and how they ended and fired there', async () => {
      const [job] = await a.get<JobView[]>('/job?job_id=plain');
      expect(job).toMatchObject({
        ...{ job_id: 'plain', job_name: 'nightly report', job_cron_time: '0 0 9 * * 1-5' },
        ...{ job_type: 'scheduled', tenant_id: 'tenant-a', enabled: true, remarks: 'a remark' },
        ...{ created_at: '2020-09-13T20:26:40+08:00', updated_at: '2020-09-13T20:27:40+08:00' },
        time_zone: ZONE,
        next_slot_at: expect.stringMatching(/T09:00:00\+08:00$/) as string,
        job_context: {
          ...{ mode: 'http', exec: `${target.url}/ok/run?x=<1>&y`, begin_at: '', end_at: '', execute_id: '' },
          info: {
            ...{ method: 'PUT', params: { a: 'b' }, headers: { 'X-A': 'b' } },
            ...{ body: { n: 12.5, t: '好' }, kubernetes: null },
          },
          notify: { webhook: 'http://hook.test' },
          policy: { completion: 'callback', dst: 'robfig' },
        },
      });
    });

    it('keep odd names, schedules, types and modes', async () => {
      const ids = ['quotes', 'list', 'step', 'every', 'window', 'headers'];
      const jobs = await a.get<JobView[]>(`/job?${ids.map((id) => `job_id=${id}`).join('&')}`);
      const found = Object.fromEntries(jobs.map((job) => [job.job_id, job]));
      expect(found).toMatchObject({
        quotes: { job_name: 'O\'Brien "and" \\ ; -- 好😀' },
        list: { job_cron_time: '0 1,2,,3 * * * *' },
        step: { job_cron_time: '  0 */61 * * * * ' },
        every: { job_cron_time: '@every -1h' },
        window: { job_type: 'timed', job_context: { begin_at: '2027-01-01T12:00:00+08:00' } },
        headers: { job_context: { mode: 'https', info: { method: '', params: null, body: null } } },
      });
      expect(await b.job('command')).toMatchObject({ job_context: { mode: 'exe', exec: 'backup now' } });
    });

    it('lose the headers that frame a message, and the log says so', async () => {
      expect((await a.job('headers')).job_context.info.headers).toEqual({ 'X-Ok': 'v' });
      for (const name of ['Host', 'content-length']) {
        expect(said).toContain(`t_cron_job row 8 (headers): header \\"${name}\\" dropped`);
      }
    });

    it('keep zone and policy when a client that knows neither edits them', async () => {
      const edit = { job_cron_time: '0 30 8 1 1 ?', remarks: 'edited' };
      await a.must(200, 'PUT', '/job/twin', asOldClientKnowsIt(await a.job('twin'), edit));
      await a.must(200, 'PUT', '/job/twin/enable', { enable: false });
      expect(await a.job('twin')).toMatchObject({
        ...{ ...edit, job_name: 'twin', enabled: false, time_zone: ZONE },
        job_context: { policy: { completion: 'callback', dst: 'robfig' } },
      });
    });
  });

  describe('its runs', () => {
    it('are shown in the old words, newest first, each to its tenant', async () => {
      const mine = await a.statuses(ALL);
      expect(wordsOf(mine)).toMatchObject({
        ...{ success: 'success', abandon: 'abandon', fresh: 'executing', overdue: 'executing' },
        ...{ stale: 'interrupt', orphan: 'interrupt', left: 'success' },
      });
      const begun = mine.map(({ begin_at }) => Date.parse(begin_at));
      expect(begun).toEqual([...begun].sort((one, other) => other - one));
      expect(wordsOf(await b.statuses(ALL))).toEqual({
        ...{ failure: 'failure', interrupt: 'interrupt', child: 'interrupt' },
      });
    });

    it('are shown in the old shape', async () => {
      const [status] = await a.statuses('job_id=plain&job_status=abandon');
      const executor = (executor_id: string, second: string) => ({
        executor_id,
        executed_at: `2026-11-22T17:00:${second}+08:00`,
      });
      expect(status).toEqual({
        ...{ execute_id: 'abandon', job_id: 'plain', job_type: 'scheduled', job_name: 'nightly report' },
        ...{ job_status: 'abandon', execute_times: 3 },
        ...{ begin_at: '2026-11-22T17:00:00+08:00', end_at: '2026-11-22T17:00:01+08:00' },
        executor: [executor('node-1', '00'), executor('node-1', '00'), executor('node-2', '01')],
        ext_info: { is_deleted: 0, tenant_id: 'tenant-a', result: null },
      });
    });

    it('of one job: the latest', async () => {
      expect(wordsOf(await a.statuses('job_id=plain'))).toEqual({ fresh: 'executing' });
    });

    it('that are marked deleted do not show; those without a mark or tenant show in their job’s', async () => {
      const mine = wordsOf(await a.statuses(ALL));
      expect(mine).toMatchObject({ silent: 'success', 'cut-off': 'success' });
      expect(Object.keys(mine)).not.toContain('marked');
      expect(Object.keys(mine)).not.toContain('contradiction');
      expect(wordsOf(await a.statuses('job_id=quotes&job_status=success'))).toMatchObject({
        zero: 'success',
      });
    });

    it('that nobody runs any more have an end', async () => {
      const ended = [...(await a.statuses(ALL)), ...(await b.statuses(ALL))].filter(({ execute_id }) =>
        ['stale', 'orphan', 'child'].includes(execute_id),
      );
      expect(ended.map(({ end_at }) => Date.parse(end_at) >= Date.parse(startedAt))).toEqual([
        true,
        true,
        true,
      ]);
    });

    it('that were left executing end by the callback of their target, late or not', async () => {
      await a.must(200, 'POST', `${WEBHOOK}/fresh`, { rows: 3 });
      const [status] = await a.statuses('job_id=plain');
      expect(status).toMatchObject({
        ...{ execute_id: 'fresh', job_status: 'success', ext_info: { result: { rows: 3 } } },
        end_at: expect.stringMatching(/\+08:00$/) as string,
      });
      expect((await b.call('POST', `${WEBHOOK}/overdue`, {})).status).toBe(404);
    });

    it('that were left executing end by the report of an outsider', async () => {
      const item = { execute_id: 'overdue', job_id: 'quotes', job_type: 'scheduled', job_name: 'x' };
      const end = { job_status: 'success', end_at: '2026-11-24T17:00:00+08:00', execute_times: 1 };
      expect(await a.must(200, 'PUT', '/jobstatus', [{ ...item, ...end }])).toEqual({ failed_job_id: [] });
      expect(await a.execution('overdue')).toMatchObject({ state: 'succeeded', trigger: 'external' });
    });
  });

  describe('what it does from now on', () => {
    it('a job fires, waits for its callback whatever its target answered, and then fires again', async () => {
      const url = '/ok/second';
      const [waiting] = await eventually(async () => {
        const found = await a.executions('job_id=second&state=accepted');
        expect(found).toHaveLength(1);
        return found;
      });
      const executeId = waiting?.execute_id ?? '';
      await eventually(async () => {
        const slots = await a.slots('second', startedAt, new Date().toISOString());
        expect(countSkipped(slots)).toBeGreaterThanOrEqual(2);
      }, 30_000);
      const seen = await target.seen(url);
      expect(seen.map(({ headers }) => headers['webhook'])).toEqual([
        expect.stringMatching(
          new RegExp(`^/api/ecron-management/v1${WEBHOOK}/${executeId}[?]key=[\\w-]{43}$`),
        ),
      ]);
      await a.send('POST', `${WEBHOOK}/${executeId}`, 'null', { 'content-type': 'application/json' });
      expect(await a.execution(executeId)).toMatchObject({ job_status: 'success', trigger: 'schedule' });
      await eventually(async () => expect(await target.seen(url)).toHaveLength(2), 30_000);
    });

    it('@every of less than a second fires; a pattern that never comes is shown, and does not', async () => {
      await eventually(async () => {
        const fired = (await target.seen('/ok/run')).map(({ headers }) => headers['x-ecron-job-id']);
        expect(fired).toContain('every');
      });
      expect(await a.job('never')).toMatchObject({
        ...{ job_cron_time: '0 0 0 30 2 ?', enabled: true, next_slot_at: '' },
      });
      const idle = await Promise.all(
        ['never', 'disabled'].map((id) => a.slots(id, startedAt, new Date().toISOString())),
      );
      expect(idle).toEqual([[], []]);
    });

    it('a new job of an old client waits for its callback too', async () => {
      const jobId = await a.create(jobBody(`${target.url}/ok/new`));
      expect(await a.job(jobId)).toMatchObject({
        time_zone: ZONE,
        job_context: { policy: { completion: 'callback', dst: 'default' } },
      });
      const { execute_id: id } = await a.run({ job_id: jobId });
      await eventually(async () => expect(await a.execution(id)).toMatchObject({ state: 'accepted' }));
      await a.must(200, 'POST', `${WEBHOOK}/${id}`, { rows: 4 });
      expect(await a.statuses(`job_id=${jobId}`)).toMatchObject([
        { execute_id: id, job_status: 'success', ext_info: { result: { rows: 4 } } },
      ]);
    });
  });

  describe('what stays behind', () => {
    it('is listed with its reason, and with what was adopted it is every old row', async () => {
      const [jobs, runs] = [
        await database.adoptionOf('t_cron_job'),
        await database.adoptionOf('t_cron_job_status'),
      ];
      const reasons = ({ refusals }: AdoptionMeta) =>
        Object.fromEntries(refusals.map(({ key_id, reason }) => [key_id, reason]));
      expect([reasons(jobs), reasons(runs)]).toEqual([
        {
          ...{ 12: 'bad context', 13: 'bad schedule', 14: 'no id', 15: 'unknown type' },
          ...{ 16: 'unknown mode', 19: 'name taken', 21: 'bad schedule' },
        },
        { 14: 'unknown status', 15: 'reserved id', 16: 'marked deleted' },
      ]);
      expect(jobs.adopted + jobs.refused).toBe(await database.count('t_cron_job'));
      expect(runs.adopted + runs.refused).toBe(await database.count('t_cron_job_status'));
    });

    it('is said in the log of the service that adopted it, without what was in it', () => {
      expect(said).toContain(`its jobs are adopted, in the time zone ${ZONE}`);
      expect(said).toContain('t_cron_job row 12 (broken) stays behind: bad context');
      expect(said).toContain('t_cron_job_status row 16 (contradiction) stays behind: marked deleted');
      expect(said).not.toContain('s3cret');
    });

    it('is not served', async () => {
      for (const id of ['broken', 'nine', 'type', 'mode', 'other-twin', 'five']) {
        expect((await a.call('GET', `/job?job_id=${id}`)).status).toBe(404);
      }
    });
  });

  describe('started again, in another zone and with another http_completion', () => {
    let before: object;
    beforeAll(async () => {
      await a.must(200, 'DELETE', '/job/late,list');
      await deployment.stop();
      before = await database.adoptedRows();
      await deployment.boot({ TZ: 'UTC', ECRON_HTTP_COMPLETION: 'auto' });
    });

    it('it adopts nothing and changes nothing', async () => {
      expect(await database.adoptedRows()).toEqual(before);
      expect(deployment.output()).not.toContain('"event":"adoption"');
    });

    it('it does not bring back what was deleted', async () => {
      for (const id of ['late', 'list']) {
        expect((await a.call('GET', `/job?job_id=${id}`)).status).toBe(404);
      }
      expect(await a.get<JobView[]>('/job?limit=1000')).toHaveLength(12);
    });

    it('adopted jobs keep theirs, and new ones follow the keys', async () => {
      expect(await a.job('plain')).toMatchObject({
        time_zone: ZONE,
        job_context: { policy: { completion: 'callback', dst: 'robfig' } },
      });
      expect(await a.job(await a.create(jobBody(`${target.url}/ok/newer`)))).toMatchObject({
        time_zone: 'UTC',
        job_context: { policy: { completion: 'auto' } },
      });
    });

    it('the old tables are as the old service left them', async () => {
      expect(await database.checksum()).toEqual(checksum);
    });
  });
});
