import { type Job } from '@ecron/domain';
import { jobInput, NOW, SETTINGS } from '../../test/fakes.js';
import { ApiError, refuse } from '../errors.js';
import { type JobModes } from '../ports/job-modes.js';
import { type ContextInput, type JobInput } from './job-input.js';
import { type JobDefinition, readJob, type ReadingSituation } from './read-job.js';

function read(input: JobInput, current: ReadingSituation['current'] = null): JobDefinition {
  return readJob(input, { jobId: 'id', now: NOW, settings: SETTINGS, tenantId: 't', current });
}

function refusalOf(input: JobInput, current: ReadingSituation['current'] = null): ApiError {
  try {
    read(input, current);
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

function storedJob(changes: Partial<Job> = {}): Job {
  const definition = read(jobInput());
  const times = { nextSlotAt: null, anchorAt: NOW, createdAt: NOW, updatedAt: NOW };
  return { jobId: 'id', tenantId: 't', version: 1, ...times, ...definition, ...changes };
}

describe('the order in which a job is checked', () => {
  // Each step mends the fault before, so the one that is reported moves on by one.
  const faults: [string, JobInput, ContextInput][] = [
    ['Job name is empty', {}, {}],
    ['Illegal time ', { job_name: 'n' }, {}],
    ['Illegal time ', {}, { begin_at: '2027-01-02T00:00:00Z' }],
    ['End time is earlier than start time', {}, { end_at: '2027-01-01T00:00:00Z' }],
    ['Unsupported execution mode', {}, { end_at: '' }],
    ['time_zone must be the name of an IANA time zone', {}, { mode: 'http' }],
    ['Cron time error', { time_zone: 'UTC' }, {}],
    ['This job does not exist', { job_cron_time: '0 0 9 * * ?' }, {}],
    ['Illegal job type', {}, {}],
    ['job_context.exec must be a URL', { job_type: 'timed' }, {}],
    ['remarks must have at most 256 characters', {}, { exec: 'http://x/' }],
  ];
  let input: JobInput = {
    job_name: '',
    job_cron_time: 'x',
    job_type: 'x',
    time_zone: 'Mars/Olympus',
    remarks: 'r'.repeat(257),
  };
  let context: ContextInput = { mode: 'x', exec: 'x', begin_at: 'x', end_at: 'x' };

  it.each(faults)('reports "%s" next', (cause, mendedInput, mendedContext) => {
    input = { ...input, ...mendedInput };
    context = { ...context, ...mendedContext };
    const current = cause === 'Illegal job type' || input.job_type === 'timed' ? storedJob() : 'unknown';
    expect(refusalOf({ ...input, job_context: context }, current).causeText).toContain(cause);
  });
});

describe('a job of a mode beyond the contract', () => {
  const modes: JobModes = {
    names: ['demo'],
    readOptions: (mode, sent) => {
      if (sent === 'odd') throw refuse.field(`job_context.info.${mode}`, 'must be an object');
      return sent === undefined ? null : { read: true };
    },
    findFault: ({ exec }) => (exec === 'odd' ? { path: 'job_context.exec', rule: 'must be even' } : null),
  };
  const readDemo = (context: object) =>
    readJob(jobInput({}, { mode: 'demo', exec: 'even', ...context }), {
      jobId: 'id',
      now: NOW,
      settings: { ...SETTINGS, modes },
      tenantId: 't',
      current: null,
    }).context;

  it('keeps of its options what the executor wants kept', () => {
    expect(readDemo({ info: { demo: { sent: true }, http: { sent: true } } }).info).toEqual({
      ...readDemo({}).info,
      demo: { read: true },
    });
    expect(readDemo({}).info).not.toHaveProperty('demo');
  });

  it('is not held to what the contract asks of an address', () => {
    expect(readDemo({}).exec).toBe('even');
  });

  it('counts its options where its size is limited', () => {
    const big: JobModes = {
      names: ['demo'],
      readOptions: () => ({ text: 'x'.repeat(10_240) }),
      findFault: () => null,
    };
    const input = jobInput({}, { mode: 'demo', exec: 'even' });
    const settings = { ...SETTINGS, modes: big };
    const situation = { jobId: 'id', now: NOW, settings, tenantId: 't', current: null };
    expect(() => readJob(input, situation)).toThrow('at most 10240 bytes');
  });

  it('is refused by what its executor has against it', () => {
    expect(() => readDemo({ exec: 'odd' })).toThrow('job_context.exec must be even');
    expect(() => readDemo({ info: { demo: 'odd' } })).toThrow('job_context.info.demo must be an object');
  });

  it('is unknown where no executor carries it out', () => {
    expect(refusalOf(jobInput({}, { mode: 'demo' })).detail).toEqual({ parameters: ['mode'] });
  });
});

describe('limits', () => {
  it('counts characters of a name, not bytes', () => {
    expect(read(jobInput({ job_name: '任'.repeat(64) })).name).toHaveLength(64);
    expect(read(jobInput({ job_name: '😀'.repeat(64) })).name).toBe('😀'.repeat(64));
    expect(refusalOf(jobInput({ job_name: 'n'.repeat(65) })).detail).toEqual({ parameters: ['job_name'] });
  });

  it('does not count blanks at the end of a cron text', () => {
    const text = `0 0 9 * * ?${' '.repeat(200)}`;
    expect(read(jobInput({ job_cron_time: text })).schedule).toBe(text);
    const long = `0 ${Array.from({ length: 60 }, (_, i) => i).join(',')} 9 * * ?`;
    expect(refusalOf(jobInput({ job_cron_time: long })).causeText).toMatch(/^Cron time error: position 128/);
  });

  it('counts the bytes of a context that the client set, not what is added', () => {
    const empty = JSON.stringify(jobInput().job_context).length + ',"info":{"body":{"a":""}}'.length;
    const fill = (bytes: number): JobInput =>
      jobInput({}, { info: { body: { a: 'x'.repeat(bytes - empty) } } });
    expect(read(fill(10_240)).context.info.method).toBe('');
    expect(refusalOf(fill(10_241)).detail).toEqual({ parameters: ['job_context'] });
  });
});

describe('what a definition keeps and completes', () => {
  it('completes the context and takes cron for scheduled', () => {
    const { type, context, policy, timeZone } = read(jobInput({ job_type: 'cron' }, { info: null }));
    expect([type, timeZone, policy]).toEqual(['scheduled', 'UTC', {}]);
    expect(context.info).toEqual({ method: '', params: null, headers: null, body: null, kubernetes: null });
  });

  it('stores of a policy only what is not the default', () => {
    const policy = { overlap: 'skip', timeout_s: 60, retry: { max_attempts: 5, base_s: 5 } } as const;
    expect(read(jobInput({}, { policy })).policy).toEqual({ retry: { max_attempts: 5 } });
  });

  it.each([
    [{ grace_s: 3601 }, false],
    [{ grace_s: 3600 }, true],
    [{ grace_s: 7200, window_s: 7200 }, true],
    [{ grace_s: 30, window_s: 20 }, false],
    [{ window_s: 0 }, true],
  ])('takes a misfire of %p: %p', (misfire, isTaken) => {
    const attempt = () => read(jobInput({}, { policy: { misfire } }));
    const fault = { parameters: ['job_context.policy.misfire.grace_s'] };
    if (isTaken) expect(attempt().policy.misfire).toEqual(misfire);
    else expect(attempt).toThrow(expect.objectContaining({ detail: fault }) as Error);
  });

  it('keeps that certificates are not to be verified, and nothing where they are', () => {
    const infoOf = (verify: boolean) => read(jobInput({}, { info: { tls: { verify } } })).context.info;
    expect(infoOf(false).tls).toEqual({ verify: false });
    expect(infoOf(true)).not.toHaveProperty('tls');
  });

  it('lets one attempt of an HTTP job take half an hour at most, a command longer', () => {
    const policy = { timeout_s: 1801 };
    expect(refusalOf(jobInput({}, { policy })).detail).toEqual({
      parameters: ['job_context.policy.timeout_s'],
    });
    expect(read(jobInput({}, { mode: 'exe', exec: 'x', policy })).policy).toEqual(policy);
  });

  it('keeps zone and policy of the stored job when an edit leaves them out, and resets them by null', () => {
    const current = storedJob({ timeZone: 'Asia/Shanghai', policy: { timeout_s: 5 } });
    expect(read(jobInput(), current)).toMatchObject({ timeZone: 'Asia/Shanghai', policy: { timeout_s: 5 } });
    const reset = read(jobInput({ time_zone: null }, { policy: null }), current);
    expect(reset).toMatchObject({ timeZone: 'UTC', policy: {} });
  });
});

describe('a job of one instant', () => {
  const past = jobInput({ job_type: 'timed', job_cron_time: '2026-11-24T01:00:00Z' });

  it('is refused when the instant has passed', () => {
    expect(refusalOf(past).causeText).toBe('Cron time error: position 0: the instant has passed');
  });

  it('is taken when the instant is ahead, and only for timed jobs', () => {
    const ahead = jobInput({ job_type: 'timed', job_cron_time: '2026-11-24T01:00:01Z' });
    expect(read(ahead).schedule).toBe('2026-11-24T01:00:01Z');
    expect(refusalOf({ ...ahead, job_type: 'scheduled' }).kind).toBe('bad cron');
  });

  it('can still be renamed after its instant, but not moved into the past', () => {
    const current = storedJob({ type: 'timed', schedule: '2026-11-24T01:00:00Z' });
    expect(read({ ...past, job_name: 'renamed' }, current).name).toBe('renamed');
    expect(refusalOf({ ...past, job_cron_time: '2026-11-24T00:00:00Z' }, current).kind).toBe('bad cron');
  });
});
