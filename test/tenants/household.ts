import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { type Ids } from '../auth/expectations.js';
import { type Api } from '../support/api.js';
import { eventually } from '../support/eventually.js';
import { jobBody } from '../support/jobs.js';

/** A target whose path says how it answers: `/202`, `/hang`, anything else 200. */
export class Target {
  private readonly server: Server = createServer(({ url = '' }, response) => {
    if (url.startsWith('/hang')) return;
    response.statusCode = url.startsWith('/202') ? 202 : 200;
    response.end('{}');
  });

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
  }

  url(path: string): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/${path}`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

/** A job with a run in some state, and what is kept of it. */
export type Household = Record<'reported' | 'accepted' | 'running' | 'ended', Ids>;

/** What a tenant may have, in states that do not change by themselves. */
export async function settle(owner: Api, target: Target): Promise<Household> {
  const reported = { job: await owner.create(jobBody(target.url('ok'))), execution: randomUUID(), other: '' };
  await owner.must(200, 'PUT', '/jobstatus', [reportOf(reported)]);
  const [accepted, running, ended] = await Promise.all([
    run(owner, target.url('202'), 'accepted'),
    run(owner, target.url('hang'), 'running'),
    run(owner, target.url('ok'), 'succeeded'),
  ]);
  return { reported, accepted, running, ended };
}

export const reportOf = ({ job, execution }: Pick<Ids, 'job' | 'execution'>) => ({
  execute_id: execution,
  job_id: job,
  job_type: 'scheduled',
  job_status: 'executing',
  execute_times: 1,
});

export const unknownIds = (): Ids => ({ job: randomUUID(), execution: randomUUID(), other: randomUUID() });

async function run(owner: Api, url: string, state: string): Promise<Ids> {
  const job = await owner.create(jobBody(url, {}, { policy: { timeout_s: 600 } }));
  const { execute_id: execution } = await owner.run({ job_id: job });
  await eventually(async () => expect((await owner.execution(execution)).state).toBe(state));
  return { job, execution, other: '' };
}
