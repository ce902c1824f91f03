import { ALICE, FakeDoorbell, FakeExecutionStore, FakeJobStore, SETTINGS } from '../../test/fakes.js';
import { StatusService } from './status.service.js';

describe('reported statuses', () => {
  let doorbell: FakeDoorbell;
  let executions: FakeExecutionStore;
  let service: StatusService;
  beforeEach(() => {
    doorbell = new FakeDoorbell();
    executions = new FakeExecutionStore();
    service = new StatusService(new FakeJobStore(), executions, SETTINGS, doorbell);
  });

  const item = (own: object) => ({
    execute_id: 'a',
    job_id: 'job',
    job_type: 'scheduled',
    job_name: 'n',
    job_status: 'success',
    ...own,
  });

  it('ring for what has ended, with its result', async () => {
    const ended = item({ end_at: '2026-11-24T09:00:00Z', ext_info: { result: { rows: 3 } } });
    await service.report(ALICE, [ended, item({ execute_id: 'b', job_status: 'executing' })]);
    expect(doorbell.ends).toMatchObject([
      { execute_id: 'a', job_id: 'job', job_status: 'success', ext_info: { result: { rows: 3 } } },
    ]);
    expect(Date.parse(doorbell.ends[0]?.end_at ?? '')).toBe(Date.parse('2026-11-24T09:00:00Z'));
  });

  it('do not ring for what was refused', async () => {
    jest.spyOn(executions, 'report').mockResolvedValue(['theirs']);
    const items = [item({ job_id: 'theirs' }), item({ execute_id: 'b' })];
    expect(await service.report(ALICE, items)).toEqual(['theirs']);
    expect(doorbell.ends.map((end) => end.execute_id)).toEqual(['b']);
  });

  it('are taken though nothing can be sent', async () => {
    doorbell.isBroken = true;
    await expect(service.report(ALICE, [item({})])).resolves.toEqual([]);
  });
});
