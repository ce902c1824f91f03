import {
  ADMIN,
  ALICE,
  BOB,
  FakeDoorbell,
  FakeExecutionStore,
  FakeJobStore,
  FixedClock,
  jobInput,
  SETTINGS,
} from '../../test/fakes.js';
import { RequestService } from '../request/request.service.js';
import { JobService } from './job.service.js';

const COMMAND = jobInput({}, { mode: 'exe', exec: 'backup' });

describe('a job that runs a command', () => {
  let jobs: FakeJobStore;
  let executions: FakeExecutionStore;
  let service: JobService;
  let requests: RequestService;
  beforeEach(() => {
    jobs = new FakeJobStore();
    executions = new FakeExecutionStore();
    const [doorbell, clock] = [new FakeDoorbell(), new FixedClock()];
    service = new JobService(jobs, doorbell, clock, SETTINGS);
    requests = new RequestService(jobs, executions, doorbell, clock, SETTINGS);
  });
  const refused = { kind: 'forbidden', detail: { parameters: ['mode'] } };

  it('is stored for tenants that may, and for admins', async () => {
    for (const caller of [ALICE, ADMIN]) await service.create(caller, COMMAND);
    expect(jobs.jobs.size).toBe(2);
  });

  it('is refused to any other, when it is new, edited or asked for at once', async () => {
    await expect(service.create(BOB, COMMAND)).rejects.toMatchObject(refused);
    const jobId = await service.create(BOB, jobInput());
    await expect(service.replace(BOB, jobId, COMMAND)).rejects.toMatchObject(refused);
    await expect(requests.request(BOB, COMMAND)).rejects.toMatchObject(refused);
    expect([...jobs.jobs.values()].map((job) => job.context.mode)).toEqual(['http']);
    expect(executions.executions.size).toBe(0);
  });
});
