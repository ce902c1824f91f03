import { Webhook } from 'standardwebhooks';
import { eventually } from '../support/eventually.js';
import { jobBody } from '../support/jobs.js';
import { useRig } from '../support/rig.js';

const rig = useRig();

interface Page<T> {
  items: T[];
  next_cursor: string | null;
}
interface Delivery {
  delivery_id: string;
  status: string;
  attempt: number;
  type: string;
}

const secretOf = async (kind = 'symmetric') =>
  rig.api.must<{ secret_id: string; secret: string; public_key: string }>(201, 'POST', '/webhook/secret', {
    kind,
  });
const deliveries = (jobId: string) =>
  rig.api.must<Page<Delivery>>(200, 'GET', `/webhook/delivery?job_id=${jobId}`);

/** A run of a new job whose webhook is a path of the target. */
async function run(path: string): Promise<{ jobId: string; executeId: string }> {
  const notify = { webhook: `${rig.target.url}${path}` };
  const jobId = await rig.api.create(jobBody(`${rig.target.url}/ok`, {}, { notify }));
  const { execute_id: executeId } = await rig.api.run({ job_id: jobId });
  return { jobId, executeId };
}

describe('a result webhook', () => {
  it('brings the end of a run, signed, and is on record', async () => {
    const { secret, secret_id } = await secretOf();
    const { jobId, executeId } = await run('/ok?hook=signed');
    await eventually(async () => {
      expect((await deliveries(jobId)).items).toMatchObject([
        { delivery_id: executeId, status: 'delivered', attempt: 1, type: 'execution.succeeded' },
      ]);
    });
    const [seen] = await rig.target.seen('/ok?hook=signed');
    const told = new Webhook(secret).verify(seen!.body, seen!.headers as Record<string, string>);
    expect(told).toMatchObject({ type: 'execution.succeeded', sequence: 1 });
    expect((told as { data: object }).data).toEqual(await rig.api.execution(executeId));
    await rig.api.must(200, 'DELETE', `/webhook/secret/${secret_id}`);
  });

  it('is told again by a replay, under the same id', async () => {
    const { executeId } = await run('/ok?hook=again');
    await eventually(async () => expect(await rig.target.seen('/ok?hook=again')).toHaveLength(1));
    await eventually(() => rig.api.must(202, 'POST', `/webhook/delivery/${executeId}/replay`));
    await eventually(async () => {
      const seen = await rig.target.seen('/ok?hook=again');
      expect(seen.map(({ headers }) => headers['webhook-id'])).toEqual([executeId, executeId]);
    });
  });

  it('can be tried with a test', async () => {
    const webhook = `${rig.target.url}/ok?hook=test`;
    expect(await rig.api.must(200, 'POST', '/webhook/test', { webhook })).toMatchObject({
      delivered: true,
      status_code: 200,
      error: '',
    });
  });

  it('has secrets that are shown once', async () => {
    const [first, second] = [await secretOf('ed25519'), await secretOf('ed25519')];
    const listed = await rig.api.must<Page<object>>(200, 'GET', '/webhook/secret');
    expect(JSON.stringify(listed)).toContain(first.public_key);
    expect(listed.items.every((item) => !('secret' in item))).toBe(true);
    expect((await rig.api.call('POST', '/webhook/secret', { kind: 'ed25519' })).status).toBe(409);
    for (const { secret_id } of [first, second])
      await rig.api.must(200, 'DELETE', `/webhook/secret/${secret_id}`);
    expect((await rig.api.call('DELETE', `/webhook/secret/${first.secret_id}`)).status).toBe(404);
  });

  it('keeps its filter where the job says one', async () => {
    const { jobId } = await run('/ok?hook=filter');
    const notify = { webhook: 'https://hook.test/', on: 'failure' };
    await rig.api.must(200, 'PUT', `/job/${jobId}/notify`, notify);
    expect((await rig.api.job(jobId)).job_context.notify).toEqual(notify);
    await rig.api.must(200, 'PUT', `/job/${jobId}/notify`, { webhook: 'https://other.test/' });
    expect((await rig.api.job(jobId)).job_context.notify).toEqual({
      ...notify,
      webhook: 'https://other.test/',
    });
    const refused = await rig.api.call('PUT', `/job/${jobId}/notify`, { webhook: 'x', on: 'never' });
    expect(refused.status).toBe(400);
  });
});
