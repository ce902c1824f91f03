import {
  ALICE,
  BOB,
  type FakeDoorbell,
  type FakeExecutionStore,
  jobInput,
  openServices,
  SETTINGS,
} from '../../test/fakes.js';
import { ExecutionService } from '../execution/execution.service.js';
import { CancelService } from './cancel.service.js';

describe('cancelling an execution', () => {
  let executions: FakeExecutionStore;
  let doorbell: FakeDoorbell;
  let cancels: CancelService;
  let executeId: string;
  beforeEach(async () => {
    const { jobs, clock, service, requests, ...fakes } = openServices();
    ({ executions, doorbell } = fakes);
    const jobId = await service.create(ALICE, jobInput());
    executeId = (await requests.request(ALICE, { job_id: jobId })).execute_id;
    const views = new ExecutionService(jobs, executions, SETTINGS, clock);
    cancels = new CancelService(executions, views, doorbell, clock, SETTINGS);
  });
  const setState = (state: 'running' | 'succeeded') => {
    const execution = executions.executions.get(executeId);
    if (execution !== undefined) executions.executions.set(executeId, { ...execution, state });
  };

  it('answers what waited as ended, with what the caller said, and rings', async () => {
    const view = await cancels.cancel(ALICE, executeId, 'not needed');
    expect(view).toMatchObject({
      state: 'interrupted',
      reason: 'cancelled',
      error: 'not needed',
      job_status: 'interrupt',
    });
    expect(doorbell.ends).toMatchObject([
      { execute_id: executeId, job_id: view.job_id, job_status: 'interrupt' },
    ]);
  });

  it('answers what runs as it is: its node will end it and ring', async () => {
    setState('running');
    expect(await cancels.cancel(ALICE, executeId, null)).toMatchObject({ state: 'running' });
    expect(doorbell.ends).toEqual([]);
  });

  it('is refused where it has ended, is not known, or is not the caller’s', async () => {
    await expect(cancels.cancel(BOB, executeId, null)).rejects.toMatchObject({ kind: 'unknown execution' });
    await expect(cancels.cancel(ALICE, 'none', null)).rejects.toMatchObject({ kind: 'unknown execution' });
    setState('succeeded');
    await expect(cancels.cancel(ALICE, executeId, null)).rejects.toMatchObject({ kind: 'already final' });
  });

  it('is refused with a reason that is too long', async () => {
    const long = cancels.cancel(ALICE, executeId, 'x'.repeat(257));
    await expect(long).rejects.toMatchObject({ kind: 'bad field', detail: { parameters: ['reason'] } });
    expect(executions.executions.get(executeId)?.state).toBe('waiting');
  });

  it('succeeds where nobody can be told', async () => {
    doorbell.isBroken = true;
    expect(await cancels.cancel(ALICE, executeId, '')).toMatchObject({ state: 'interrupted' });
  });
});
