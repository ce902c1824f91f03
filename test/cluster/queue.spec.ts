import { randomUUID } from 'node:crypto';
import { describeWith } from '@ecron/testing';
import { Cluster } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import { jobBody } from '../support/jobs.js';
import { NsqTap, publish } from '../support/nsq-tap.js';
import { Target } from '../support/target.js';

jest.setTimeout(60_000);

const IMMEDIATE = 'cron.topic.immediate.job';
const STATUS = 'cron.topic.job.status';
const DEAD_LETTERS = 'cron.topic.dead.letter';

/** As the old service sent it after a failed attempt, byte for byte. */
function oldRequest(jobId: string, executeId: string, context = { mode: '', exec: '' }): string {
  const { mode, exec } = context;
  return `{"job_id":"${jobId}","job_name":"","job_cron_time":"","job_type":"real-time","job_context":{"mode":"${mode}","exec":"${exec}","info":{"method":"","params":null,"headers":null,"body":null,"kubernetes":null},"notify":{"webhook":""},"begin_at":"","end_at":"","execute_id":"${executeId}"},"tenant_id":"","enabled":false,"remarks":"","created_at":"","updated_at":""}`;
}

describeWith(['mariadb', 'nsq'], 'the queue of an existing deployment', ({ nsq }) => {
  let cluster: Cluster;
  let target: Target;
  let status: NsqTap;
  let deadLetters: NsqTap;
  beforeAll(async () => {
    target = await Target.start();
    cluster = await Cluster.start({ broker: 'nsq', management: 1, analysis: 1 });
    await target.setManagement(cluster.management);
    [status, deadLetters] = [await NsqTap.open(nsq, STATUS), await NsqTap.open(nsq, DEAD_LETTERS)];
  });
  afterAll(async () => {
    await Promise.all([status?.close(), deadLetters?.close(), target?.stop(), cluster?.discard()]);
  });

  it('has a request of the old shape run the stored job once, under its execute_id and in its tenant', async () => {
    const jobId = await cluster.api.create(jobBody(`${target.url}/ok/asked`));
    const executeId = randomUUID();
    const message = oldRequest(jobId, executeId);
    await publish(nsq, IMMEDIATE, message);
    await publish(nsq, IMMEDIATE, message);
    await eventually(async () =>
      expect(await cluster.api.execution(executeId)).toMatchObject({
        ...{ state: 'succeeded', attempt: 1, job_id: jobId, trigger: 'request' },
        tenant_id: 'mock-client-id',
      }),
    );
    await publish(nsq, IMMEDIATE, message);
    await publish(nsq, IMMEDIATE, oldRequest(jobId, 'afterwards'));
    await eventually(async () => expect(await target.seen('/ok/asked')).toHaveLength(2));
  });

  it('publishes how runs end in the old shape, with their job_id', async () => {
    const jobId = await cluster.api.create(jobBody(`${target.url}/ok`));
    const { execute_id: id } = await cluster.api.run({ job_id: jobId });
    const text = await status.find((one) => one.includes(id));
    expect(text).toMatch(
      new RegExp(
        `^{"execute_id":"${id}","job_id":"${jobId}","job_type":"","job_name":"","job_status":"success","begin_at":"","end_at":"[^"]+","executor":null,"execute_times":0,"ext_info":null}$`,
      ),
    );
  });

  it('leaves what a request cannot be to the dead letters: no execute_id, no JSON', async () => {
    const jobId = await cluster.api.create(jobBody(`${target.url}/ok/refused`));
    const texts = [oldRequest(jobId, ''), oldRequest(jobId, "x' OR 1=1"), `no JSON ${jobId}`];
    for (const text of texts) await publish(nsq, IMMEDIATE, text);
    for (const text of texts) {
      const letter = await deadLetters.find(
        (one) => (JSON.parse(one) as { message: string }).message === text,
      );
      expect(JSON.parse(letter)).toMatchObject({ topic: IMMEDIATE, channel: 'cron.channel.immediate.job' });
    }
    expect(await target.seen('/ok/refused')).toEqual([]);
  });

  it('does not let a request bring what is run', async () => {
    const jobId = await cluster.api.create(jobBody(`${target.url}/ok/stored`));
    const context = { mode: 'http', exec: `${target.url}/ok/brought` };
    await publish(nsq, IMMEDIATE, oldRequest(jobId, randomUUID(), context));
    await eventually(async () => expect(await target.seen('/ok/stored')).toHaveLength(1));
    expect(await target.seen('/ok/brought')).toEqual([]);
  });
});

describeWith(['mariadb', 'nsq'], 'with mq_accept_context', ({ nsq }) => {
  it('a request may bring what is run, for HTTP', async () => {
    const target = await Target.start();
    const env = { ECRON_MQ_ACCEPT_CONTEXT: 'true' };
    const cluster = await Cluster.start({ broker: 'nsq', management: 1, analysis: 1, env });
    try {
      await target.setManagement(cluster.management);
      const jobId = await cluster.api.create(jobBody(`${target.url}/ok/stored-too`));
      const context = { mode: 'http', exec: `${target.url}/ok/brought-too` };
      await publish(nsq, IMMEDIATE, oldRequest(jobId, randomUUID(), context));
      await eventually(async () => expect(await target.seen('/ok/brought-too')).toHaveLength(1));
      expect(await target.seen('/ok/stored-too')).toEqual([]);
    } finally {
      await Promise.all([target.stop(), cluster.discard()]);
    }
  });
});
