import { type Permission } from '@ecron/auth';
import { type Api, PREFIX } from '../support/api.js';
import { uniqueName } from '../support/jobs.js';
import { type Page } from '../support/shapes.js';

/** What a call is about: of tenant A, or unknown. */
export interface Ids {
  job: string;
  /** One that tenant A has reported, so that nothing here runs it; see {@link Expectation.isOfOurs}. */
  execution: string;
  /** What the row makes by itself, in place of `:secret_id` or `:id`. */
  other: string;
}

/** One row of the matrix: a route, who may call it, and how. */
export interface Expectation {
  needs: Permission | 'nothing';
  /** Of whoever may; 200 when left out. */
  status?: number;
  /** Behind the path, whose `:job_id`, `:execute_id` and `:id` are filled in. */
  query?(ids: Ids): string;
  body?(ids: Ids): unknown;
  /** Whether it names something of a tenant: then another tenant gets what an unknown id gets. */
  isAbout: 'an id' | 'the tenant' | 'nobody';
  /** Makes what else the call is about, as tenant A. */
  make?(a: Api, ids: Ids): Promise<string>;
  /** An admin has no more of it than its own tenant's. */
  isOfOneTenant?: true;
  /** The execution is a run of ours that waits for its callback. */
  isOfOurs?: true;
  /** What another tenant gets where an unknown id is not refused: there everybody may bring new ones. */
  foreign?(ids: Ids): unknown;
}

const job = (exec = 'http://127.0.0.1:9/never') => ({
  job_name: uniqueName(),
  job_cron_time: '0 0 0 1 1 ?',
  job_type: 'scheduled',
  job_context: { mode: 'http', exec, info: {} },
});
const report = ({ job: job_id, execution: execute_id }: Ids) => [
  { execute_id, job_id, job_type: 'scheduled', job_status: 'executing', execute_times: 1 },
];
const failed = (ids: Ids) => ({ failed_job_id: [ids.job] });
const ofJob = (ids: Ids) => `?job_id=${ids.job}`;

/** A result of the job that is to be told to a receiver that is not there. */
async function makeDelivery(a: Api, { job: id, execution }: Ids): Promise<string> {
  await a.must(200, 'PUT', `/job/${id}/notify`, { webhook: 'http://127.0.0.1:9/hook' });
  const [item] = report({ job: id, execution, other: '' });
  await a.must(200, 'PUT', '/jobstatus', [{ ...item, job_status: 'success' }]);
  const { items } = await a.get<Page<{ delivery_id: string }>>(`/webhook/delivery?job_id=${id}`);
  return items[0]?.delivery_id ?? '';
}

async function makeSecret(a: Api): Promise<string> {
  await makeRoom(a);
  return (await a.must<{ secret_id: string }>(201, 'POST', '/webhook/secret', {})).secret_id;
}

/** A tenant has two secrets of a kind at most. */
async function makeRoom(a: Api): Promise<string> {
  const { items } = await a.get<Page<{ secret_id: string }>>('/webhook/secret');
  for (const { secret_id } of items) await a.must(200, 'DELETE', `/webhook/secret/${secret_id}`);
  return '';
}

const read = { needs: 'ecron.job.read' } as const;
const write = { needs: 'ecron.job.write' } as const;
const execute = { needs: 'ecron.job.execute' } as const;
const callback: Expectation = {
  ...execute,
  isAbout: 'an id',
  isOfOurs: true,
  body: () => ({ rows: 7 }),
};
const open = { needs: 'nothing', isAbout: 'nobody' } as const;

/**
 * Every route of the management service. A route that is missing here fails `matrix.spec.ts`: say who may call it.
 * Those of the same path and method with other parameters have a mark behind ` #`.
 */
export const EXPECTATIONS: Record<string, Expectation> = {
  [`GET ${PREFIX}/job`]: { ...read, isAbout: 'the tenant', query: () => '?limit=1000' },
  [`GET ${PREFIX}/job #one`]: { ...read, isAbout: 'an id', query: ofJob },
  [`GET ${PREFIX}/jobtotal`]: { ...read, isAbout: 'the tenant' },
  [`GET ${PREFIX}/job/:job_id/slot`]: { ...read, isAbout: 'an id' },
  [`GET ${PREFIX}/jobstatus`]: { ...read, isAbout: 'the tenant', query: () => '?job_type=scheduled' },
  [`GET ${PREFIX}/jobstatus #one`]: { ...read, isAbout: 'an id', query: ofJob },
  [`GET ${PREFIX}/jobstatus/:id`]: { ...read, isAbout: 'an id' },
  [`GET ${PREFIX}/execution`]: { ...read, isAbout: 'the tenant', query: () => '?limit=500' },
  [`GET ${PREFIX}/execution #of one`]: { ...read, isAbout: 'an id', query: ofJob },
  [`GET ${PREFIX}/execution/:execute_id`]: { ...read, isAbout: 'an id' },
  [`GET ${PREFIX}/execution/:execute_id/output`]: { ...read, isAbout: 'an id' },
  [`POST ${PREFIX}/schedule/preview`]: {
    ...read,
    isAbout: 'nobody',
    body: () => ({ job_cron_time: '0 0 9 * * 1-5' }),
  },
  [`POST ${PREFIX}/job`]: { ...write, status: 201, isAbout: 'the tenant', body: () => job() },
  [`PUT ${PREFIX}/job/:job_id`]: { ...write, isAbout: 'an id', body: () => job() },
  [`DELETE ${PREFIX}/job/:job_id`]: { ...write, isAbout: 'an id' },
  [`PUT ${PREFIX}/job/:job_id/enable`]: { ...write, isAbout: 'an id', body: () => ({ enable: true }) },
  [`PUT ${PREFIX}/job/:job_id/notify`]: { ...write, isAbout: 'an id', body: () => ({ webhook: '' }) },
  [`PUT ${PREFIX}/jobstatus`]: { ...execute, isAbout: 'an id', body: report, foreign: failed },
  [`PUT ${PREFIX}/jobstatus/:id`]: { ...execute, isAbout: 'an id', body: report, foreign: failed },
  [`POST ${PREFIX}/jobexecution`]: { ...execute, isAbout: 'an id', body: (ids) => ({ job_id: ids.job }) },
  [`POST ${PREFIX}/execution/:execute_id/cancel`]: { ...execute, status: 202, isAbout: 'an id' },
  [`POST ${PREFIX}/executionresult/:execute_id`]: callback,
  [`POST ${PREFIX}/executionresult/:execute_id #wrong key`]: {
    ...callback,
    query: () => `?key=${'A'.repeat(43)}`,
  },
  [`GET ${PREFIX}/webhook/delivery`]: { ...read, isAbout: 'the tenant' },
  [`POST ${PREFIX}/webhook/delivery/:id/replay`]: {
    ...execute,
    status: 202,
    isAbout: 'an id',
    make: makeDelivery,
  },
  [`POST ${PREFIX}/webhook/test`]: {
    ...execute,
    isAbout: 'an id',
    make: makeDelivery,
    body: (ids) => ({ job_id: ids.job }),
  },
  [`GET ${PREFIX}/webhook/secret`]: { ...read, isAbout: 'the tenant' },
  [`POST ${PREFIX}/webhook/secret`]: { ...write, status: 201, isAbout: 'the tenant', make: makeRoom },
  [`DELETE ${PREFIX}/webhook/secret/:secret_id`]: {
    ...write,
    isAbout: 'an id',
    isOfOneTenant: true,
    make: makeSecret,
  },
  [`GET ${PREFIX}/audit`]: { needs: 'ecron.audit.read', isAbout: 'the tenant' },
  [`GET ${PREFIX}/node`]: { needs: 'ecron.admin', isAbout: 'nobody' },
  [`GET ${PREFIX}/log/level`]: { needs: 'ecron.admin', isAbout: 'nobody' },
  [`PUT ${PREFIX}/log/level`]: { needs: 'ecron.admin', isAbout: 'nobody', body: () => ({ level: 'info' }) },
  'GET /health/alive': open,
  'GET /health/ready': open,
  'GET /health/startup': open,
  'GET /metrics': open,
  'GET /openapi.json': open,
  'GET /docs': open,
};

/** What belongs to a page that is open to everybody: its files, and signing in, which has tests of its own. */
export const BESIDE = [/^GET \/docs\//, new RegExp(`^(GET|POST) ${PREFIX}/auth/(login|callback|logout|me)$`)];

/** `GET /path/:job_id #mark` with its ids filled in. */
export function callOf(route: string, { query, body, make }: Expectation, ids: Ids) {
  const [method = '', url = ''] = route.split(' ');
  const named = url.replace(':job_id', ids.job).replace(':execute_id', ids.execution);
  const filled = named.replace(/:secret_id|:id\b/, make === undefined ? ids.job : ids.other);
  return { method, path: filled + (query?.(ids) ?? ''), body: body?.(ids) };
}
