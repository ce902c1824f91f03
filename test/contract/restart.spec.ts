import { eventually } from '../support/eventually.js';
import { everySecond, jobBody, rfc3339, secondAhead } from '../support/jobs.js';
import { useRig } from '../support/rig.js';

const rig = useRig();

describe('a restart', () => {
  it('keeps jobs and executions', async () => {
    const jobId = await rig.api.create(jobBody(`${rig.target.url}/ok`));
    const { execute_id } = await rig.api.run({ job_id: jobId });
    await eventually(async () => expect((await rig.api.execution(execute_id)).state).toBe('succeeded'));
    const [job, execution] = [await rig.api.job(jobId), await rig.api.execution(execute_id)];
    await rig.app.stop();
    await rig.app.boot();
    expect(await rig.api.job(jobId)).toEqual(job);
    expect(await rig.api.execution(execute_id)).toEqual(execution);
  });

  it('after a kill tries again what was under way, under the same execute_id and the next attempt', async () => {
    const jobId = await rig.api.create(jobBody(`${rig.target.url}/hang-once`));
    const { execute_id } = await rig.api.run({ job_id: jobId });
    await eventually(async () => expect(await rig.target.seen('/hang-once')).toHaveLength(1));
    await rig.app.kill();
    await rig.app.boot();
    await eventually(async () => expect((await rig.api.execution(execute_id)).state).toBe('succeeded'));
    const requests = await rig.target.seen('/hang-once');
    expect(requests.map((one) => one.headers['x-ecron-attempt'])).toEqual(['1', '2']);
    expect(new Set(requests.map((one) => one.headers['x-ecron-execute-id']))).toEqual(new Set([execute_id]));
    expect((await rig.api.execution(execute_id)).attempts).toMatchObject([
      { outcome: 'node_lost' },
      { outcome: 'succeeded' },
    ]);
  });

  it('waits for a callback that was still to come', async () => {
    const { execute_id } = await rig.api.run({
      job_id: await rig.api.create(jobBody(`${rig.target.url}/accept`)),
    });
    await eventually(async () => expect((await rig.api.execution(execute_id)).state).toBe('accepted'));
    await rig.app.kill();
    await rig.app.boot();
    expect((await rig.api.execution(execute_id)).state).toBe('accepted');
    await rig.api.must(200, 'POST', `/executionresult/${execute_id}`, null);
    expect((await rig.api.execution(execute_id)).state).toBe('succeeded');
  });

  it('runs the latest slot of a longer absence, and says of the others that they were missed', async () => {
    const policy = { misfire: { grace_s: 1 } };
    const from = secondAhead(0);
    const jobId = await rig.api.create(everySecond(`${rig.target.url}/ok/absence`, { policy }));
    await eventually(async () =>
      expect((await rig.target.seen('/ok/absence')).length).toBeGreaterThanOrEqual(1),
    );
    await rig.app.kill();
    const back = Date.now() + 5000;
    await eventually(() => expect(Date.now()).toBeGreaterThanOrEqual(back));
    await rig.app.boot();
    const seenBefore = (await rig.target.seen('/ok/absence')).length;
    await eventually(async () =>
      expect((await rig.target.seen('/ok/absence')).length).toBeGreaterThan(seenBefore + 1),
    );
    const slots = await eventually(async () => {
      const items = await rig.api.slots(jobId, rfc3339(from), rfc3339(new Date()));
      expect(items.find((one) => one.fate === 'missed')).toMatchObject({
        reason: 'misfire',
        slot_to: expect.any(String) as unknown,
      });
      return items;
    });
    await rig.api.must(200, 'PUT', `/job/${jobId}/enable`, { enable: false });
    const missed = slots.find((one) => one.fate === 'missed');
    const [first, last] = [Date.parse(missed?.slot_at ?? ''), Date.parse(missed?.slot_to ?? '')];
    await eventually(async () => {
      const [item] = (await rig.api.slots(jobId, rfc3339(from), rfc3339(new Date()))).filter(
        (one) => one.fate === 'missed',
      );
      expect(item?.count).toBe((last - first) / 1000 + 1);
    });
    expect(slots.map((one) => one.fate)).not.toContain('lost');
    const shown = (await rig.api.statuses(`job_id=${jobId}&job_type=scheduled`)).map((one) => one.execute_id);
    expect(shown).not.toContain(missed?.execute_id);
    expect(shown).toContain(slots.find((one) => one.fate === 'succeeded')?.execute_id);
  });
});
