import { ADMIN, ALICE, BOB, jobInput, openServices } from '../../test/fakes.js';

const COMMAND = jobInput({}, { mode: 'exe', exec: 'backup' });

describe('a job that runs a command', () => {
  const refused = { kind: 'forbidden', detail: { parameters: ['mode'] } };

  it('is stored for tenants that may, and for admins', async () => {
    const { jobs, service } = openServices();
    for (const caller of [ALICE, ADMIN]) await service.create(caller, COMMAND);
    expect(jobs.jobs.size).toBe(2);
  });

  it('is refused to any other, when it is new, edited or asked for at once', async () => {
    const { jobs, executions, service, requests } = openServices();
    await expect(service.create(BOB, COMMAND)).rejects.toMatchObject(refused);
    const jobId = await service.create(BOB, jobInput());
    await expect(service.replace(BOB, jobId, COMMAND)).rejects.toMatchObject(refused);
    await expect(requests.request(BOB, COMMAND)).rejects.toMatchObject(refused);
    expect([...jobs.jobs.values()].map((job) => job.context.mode)).toEqual(['http']);
    expect(executions.executions.size).toBe(0);
  });
});
