import {
  ADMIN,
  ALICE,
  BOB,
  FakeDoorbell,
  FakeJobStore,
  FixedClock,
  jobInput,
  NOW,
  SETTINGS,
} from '../../test/fakes.js';
import { JobService } from './job.service.js';

const store = { jobs: new FakeJobStore(), doorbell: new FakeDoorbell(), clock: new FixedClock() };
let service: JobService;

beforeEach(() => {
  Object.assign(store, { jobs: new FakeJobStore(), doorbell: new FakeDoorbell(), clock: new FixedClock() });
  service = new JobService(store.jobs, store.doorbell, store.clock, SETTINGS);
});

const only = () => [...store.jobs.jobs.values()][0];
const methods = () => store.doorbell.jobMessages.map((message) => message.method);

describe('creating a job', () => {
  it('stores it for the tenant of the caller, with its first slot and an anchor on the second', async () => {
    const jobId = await service.create(ALICE, jobInput({ job_id: 'theirs' }));
    expect(only()).toMatchObject({ jobId, tenantId: 'tenant-a', version: 1, createdAt: NOW });
    expect(only()?.nextSlotAt).toBe(Date.parse('2026-11-24T09:00:00Z'));
    expect(only()?.anchorAt).toBe(Date.parse('2026-11-24T01:00:00Z'));
    expect(jobId).not.toBe('theirs');
  });

  it('leaves a disabled job without a slot', async () => {
    await service.create(ALICE, jobInput({ enabled: null }));
    expect(only()).toMatchObject({ enabled: false, nextSlotAt: null });
  });

  it('refuses a name that the tenant has, not one that another has', async () => {
    await service.create(ALICE, jobInput());
    await expect(service.create(ALICE, jobInput())).rejects.toMatchObject({ kind: 'name taken' });
    await expect(service.create(BOB, jobInput())).resolves.toBeDefined();
  });

  it('succeeds though nobody can be told', async () => {
    store.doorbell.isBroken = true;
    await expect(service.create(ALICE, jobInput())).resolves.toBeDefined();
    expect(store.jobs.jobs.size).toBe(1);
  });
});

describe('editing jobs', () => {
  let jobId: string;

  beforeEach(async () => {
    jobId = await service.create(ALICE, jobInput({ job_cron_time: '@every 10m' }));
    store.clock.at = NOW + 5000;
  });

  it('replaces the definition and keeps tenant and creation, also for an admin', async () => {
    await service.replace(ADMIN, jobId, jobInput({ job_name: 'm', remarks: 'r' }));
    expect(only()).toMatchObject({
      name: 'm',
      remarks: 'r',
      tenantId: 'tenant-a',
      createdAt: NOW,
      version: 2,
    });
    expect(methods()).toEqual(['create', 'update']);
  });

  it('moves the anchor with the schedule, the zone or the switch, and with nothing else', async () => {
    const before = only()?.anchorAt;
    await service.replace(ALICE, jobId, jobInput({ job_cron_time: '@every 10m', job_name: 'm' }));
    await service.setEnabled(ALICE, jobId, true);
    await service.setWebhook(ALICE, jobId, { webhook: 'http://hook.test/' });
    expect(only()?.anchorAt).toBe(before);
    await service.setEnabled(ALICE, jobId, false);
    expect(only()?.anchorAt).toBe(Date.parse('2026-11-24T01:00:05Z'));
  });

  it('treats the job of another tenant as unknown and touches nothing', async () => {
    const before = only();
    await expect(service.replace(BOB, jobId, jobInput())).rejects.toMatchObject({ kind: 'unknown job' });
    await expect(service.setEnabled(BOB, jobId, false)).rejects.toMatchObject({ kind: 'unknown job' });
    await expect(service.setWebhook(BOB, jobId, {})).rejects.toMatchObject({ kind: 'unknown job' });
    await service.remove(BOB, jobId);
    expect(only()).toEqual(before);
    expect(methods()).toEqual(['create']);
  });

  it('changes all of a list or none', async () => {
    await expect(service.setEnabled(ALICE, `${jobId},nobody`, false)).rejects.toMatchObject({
      kind: 'unknown job',
    });
    expect(only()?.enabled).toBe(true);
  });

  it('deletes the known ones of a list and tells of those', async () => {
    await service.remove(ALICE, `nobody,${jobId},${jobId}`);
    expect(store.jobs.jobs.size).toBe(0);
    expect(store.doorbell.jobMessages[1]).toMatchObject({ method: 'delete', data: { job_id: jobId } });
  });
});

describe('listing jobs', () => {
  it('shows every member, in the old order and then the new ones', async () => {
    const jobId = await service.create(ALICE, jobInput({ time_zone: 'Asia/Shanghai' }));
    const [job] = await service.listByIds(ALICE, [jobId, jobId]);
    expect(Object.keys(job ?? {}).join()).toBe(
      'job_id,job_name,job_cron_time,job_type,job_context,tenant_id,enabled,remarks,created_at,updated_at,time_zone,next_slot_at',
    );
    expect(job).toMatchObject({
      created_at: '2026-11-24T01:00:00Z',
      next_slot_at: '2026-11-25T09:00:00+08:00',
    });
    expect(job?.job_context.policy).toMatchObject({ timeout_s: 60, completion: 'auto', overlap: 'skip' });
  });

  it('shows the next slot in the zone that the schedule itself names', async () => {
    const jobId = await service.create(ALICE, jobInput({ job_cron_time: 'CRON_TZ=Asia/Tokyo 0 0 9 * * ?' }));
    const [job] = await service.listByIds(ALICE, [jobId]);
    expect([job?.time_zone, job?.next_slot_at]).toEqual(['UTC', '2026-11-25T09:00:00+09:00']);
  });

  it.each(['-1', 'abc', '1.5', ''])('refuses the page "%s"', async (page) => {
    await expect(service.list(ALICE, { page })).rejects.toMatchObject({ kind: 'bad paging' });
  });

  it('has nothing for a limit of 0', async () => {
    await service.create(ALICE, jobInput());
    expect(await service.list(ALICE, { limit: '0' })).toEqual([]);
    expect(await service.list(ALICE, {})).toHaveLength(1);
  });
});
