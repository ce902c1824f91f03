import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PREFIX } from '../support/api.js';
import { eventually } from '../support/eventually.js';
import { jobBody, QUICK_RETRY } from '../support/jobs.js';
import { useRig } from '../support/rig.js';
import { type ExecutionView } from '../support/shapes.js';
import { Standalone } from '../support/standalone.js';

const folder = mkdtempSync(join(tmpdir(), 'ecron-programs-'));
const rig = useRig({
  ECRON_EXE_ALLOW: folder,
  ECRON_EXE_LIMITS: 'open_files=99, memory_mb=4096',
  SECRET_OF_THE_SERVICE: 'our secret',
});
afterAll(() => rmSync(folder, { recursive: true }));

function script(name: string, text: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
}

async function start(exec: string, info: object = {}, policy: object = {}): Promise<string> {
  const own = { mode: 'exe', info, policy: { retry: QUICK_RETRY, ...policy } };
  const jobId = await rig.api.create(jobBody(exec, {}, own));
  return (await rig.api.run({ job_id: jobId })).execute_id;
}

const reached = (executeId: string, state: string): Promise<ExecutionView> =>
  eventually(async () => {
    const execution = await rig.api.execution(executeId);
    expect(execution.state).toBe(state);
    return execution;
  });

const output = async (executeId: string, query = ''): Promise<string> => {
  const answer = await rig.api.call('GET', `/execution/${executeId}/output${query}`);
  expect([answer.status, answer.headers['content-type']]).toEqual([200, 'text/plain; charset=utf-8']);
  return answer.text;
};

const untilShown = (executeId: string, text: string): Promise<void> =>
  eventually(async () => expect(await output(executeId)).toContain(text));

const cancel = (executeId: string, body?: object) =>
  rig.api.call<ExecutionView>('POST', `/execution/${executeId}/cancel`, body);

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('a command', () => {
  it('runs with its arguments and who it is, and what it wrote is kept', async () => {
    script('hello', 'echo "$1 and $2"; env; echo note >&2');
    const executeId = await start('hello one', { params: { b: 'two $HOME' } });
    const { attempts, result } = await reached(executeId, 'succeeded');
    expect(attempts).toMatchObject([{ attempt: 1, outcome: 'succeeded', exit_code: 0 }]);
    expect(result).toContain(`ECRON_EXECUTE_ID=${executeId}`);
    expect(result).not.toContain('our secret');
    expect(await output(executeId, '?stream=stdout')).toMatch(/^one and two \$HOME\n/);
    expect(await output(executeId, '?stream=stderr')).toBe('note\n');
    expect(await output(executeId)).toMatch(/^==> stdout <==\n[^]*\n==> stderr <==\nnote\n$/);
  });

  it('is tried again while it fails, and every attempt keeps its own output', async () => {
    script('bad', 'echo "try $ECRON_ATTEMPT"; exit 7');
    const executeId = await start('bad');
    const { attempts } = await reached(executeId, 'abandoned');
    expect(attempts.map((a) => [a.outcome, (a as { exit_code?: number }).exit_code])).toEqual(
      [1, 2, 3].map(() => ['failed', 7]),
    );
    expect(await output(executeId)).toBe('try 3\n');
    expect(await output(executeId, '?attempt=1')).toBe('try 1\n');
  });

  it.each(['/bin/sh -c true', '../../bin/sh', 'sh'])(
    'that is not listed fails for good: %s',
    async (exec) => {
      const execution = await reached(await start(exec), 'failed');
      expect(execution).toMatchObject({ reason: 'bad target', attempt: 1 });
    },
  );

  it('has the limits of exe_limits', async () => {
    script('limits', 'ulimit -n; ulimit -v');
    const executeId = await start('limits');
    await reached(executeId, 'succeeded');
    expect(await output(executeId)).toBe(`99\n${4096 * 1024}\n`);
  });

  it('cannot be had with limits where nothing sets them: the program does not start, and says why', async () => {
    const env = { ECRON_EXE_LIMITS: 'open_files=99', PATH: folder };
    await expect(Standalone.start(env)).rejects.toThrow(
      'ecron: the configuration cannot be used: exe_limits needs prlimit (util-linux), which is not there',
    );
  });

  it('has timed out after its time', async () => {
    script('slow', 'exec sleep 600');
    const executeId = await start('slow', {}, { timeout_s: 1, retry: { max_attempts: 1 } });
    expect((await reached(executeId, 'abandoned')).attempts).toMatchObject([{ outcome: 'timed_out' }]);
  });
});

describe('a cancel', () => {
  it('ends a command and its children', async () => {
    script('parent', 'sleep 600 & echo "child $!"; wait');
    const executeId = await start('parent');
    await untilShown(executeId, 'child');
    const child = Number(/child (\d+)/.exec(await output(executeId))?.[1]);
    expect(isThere(child)).toBe(true);
    const answer = await cancel(executeId, { reason: 'not needed' });
    expect([answer.status, answer.json.execute_id]).toEqual([202, executeId]);
    expect(await reached(executeId, 'interrupted')).toMatchObject({
      reason: 'cancelled',
      error: 'not needed',
      job_status: 'interrupt',
      attempts: [{ outcome: 'interrupted' }],
    });
    await eventually(() => expect(isThere(child)).toBe(false));
  });

  it('ends at once what waits, and is refused for what has ended', async () => {
    script('bad', 'exit 1');
    const executeId = await start('bad', {}, { retry: { base_s: 600, jitter: false } });
    await reached(executeId, 'waiting');
    await eventually(async () => expect((await rig.api.execution(executeId)).attempt).toBe(1));
    await reached(executeId, 'waiting');
    const answer = await cancel(executeId);
    expect([answer.status, answer.json.state]).toEqual([202, 'interrupted']);
    expect((await cancel(executeId, {})).status).toBe(409);
    expect((await cancel('unknown', {})).status).toBe(404);
    expect((await cancel(executeId, { reason: 7 })).status).toBe(400);
  });

  it('ends an HTTP run that hangs', async () => {
    const jobId = await rig.api.create(jobBody(`${rig.target.url}/slow/60000/cancelled`));
    const { execute_id } = await rig.api.run({ job_id: jobId });
    await reached(execute_id, 'running');
    expect((await cancel(execute_id)).status).toBe(202);
    expect(await reached(execute_id, 'interrupted')).toMatchObject({ reason: 'cancelled' });
  });
});

describe('an output that is followed', () => {
  it('comes while it is written, and ends with the execution', async () => {
    script('talks', 'echo one; echo note >&2; while [ ! -e "$1" ]; do sleep 0.05; done; printf two');
    const gate = join(folder, 'gate');
    const executeId = await start(`talks ${gate}`);
    const follower = await Followed.open(
      `${rig.api.origin}${PREFIX}/execution/${executeId}/output?follow=true`,
    );
    await follower.until('"one\\n"');
    await follower.until('"note\\n"');
    expect((await rig.api.execution(executeId)).state).toBe('running');
    writeFileSync(gate, '');
    await follower.until('"two"');
    await follower.until('event: end\ndata: {"state":"succeeded"}\n\n');
    await follower.ended;
  });

  it('is refused in the shape of every error', async () => {
    for (const [query, status] of [
      ['follow=maybe', 400],
      ['stream=stdin', 400],
      ['attempt=0', 400],
      ['x=1', 400],
    ] as const) {
      const answer = await rig.api.call('GET', `/execution/unknown/output?${query}`);
      expect([answer.status, answer.json.detail?.['parameters']]).toEqual([status, [query.split('=')[0]]]);
    }
    for (const query of ['', '?follow=true'])
      expect((await rig.api.call('GET', `/execution/unknown/output${query}`)).json.code).toBe(404_009_001);
  });
});

/** An event stream as it comes. */
class Followed {
  private text = '';

  private constructor(private readonly message: IncomingMessage) {
    message.setEncoding('utf8').on('data', (text: string) => (this.text += text));
  }

  static async open(url: string): Promise<Followed> {
    const [message] = (await once(get(url), 'response')) as [IncomingMessage];
    expect([message.statusCode, message.headers['content-type']]).toEqual([200, 'text/event-stream']);
    return new Followed(message);
  }

  get ended(): Promise<unknown> {
    return this.message.readableEnded ? Promise.resolve() : once(this.message, 'end');
  }

  until(text: string): Promise<void> {
    return eventually(() => expect(this.text).toContain(text));
  }
}
