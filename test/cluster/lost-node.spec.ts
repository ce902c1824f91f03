import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWith } from '@ecron/testing';
import { Cluster } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import { jobBody } from '../support/jobs.js';
import { findPair, untilTakenOver } from '../support/lost-node.js';

jest.setTimeout(120_000);

describeWith(['mariadb', 'nsq'], 'a command whose node is killed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ecron-lost-'));
  const pidFile = join(folder, 'pid');
  let cluster: Cluster;
  beforeAll(async () => {
    // Of the first attempt it stays and says who it is; every later one ends at once.
    const text = `#!/bin/sh\necho "try $ECRON_ATTEMPT"\n[ "$ECRON_ATTEMPT" = 1 ] || exit 0\necho $$ > ${pidFile}\nexec sleep 600\n`;
    writeFileSync(join(folder, 'stays'), text, { mode: 0o755 });
    cluster = await Cluster.start({ broker: 'nsq', analysis: 1, env: { ECRON_EXE_ALLOW: folder } });
  });
  // What a killed node leaves running is nobody's any more.
  afterEach(() => {
    process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL');
    rmSync(pidFile);
  });
  afterAll(async () => {
    await cluster?.discard();
    rmSync(folder, { recursive: true });
  });

  const killDuring = async (policy: object) => {
    const jobId = await cluster.api.create(jobBody('stays', {}, { mode: 'exe', policy }));
    const { execute_id: executeId } = await cluster.api.run({ job_id: jobId });
    await eventually(() => expect(existsSync(pidFile)).toBe(true));
    const pair = await findPair(cluster, jobId);
    await pair.runner.kill();
    return { ...pair, executeId };
  };

  it('ends interrupted where nothing else is said, and no node runs it again', async () => {
    const { executeId, runner, runnerId, other } = await killDuring({});
    const execution = await untilTakenOver(other, executeId, 'interrupted');
    expect(execution).toMatchObject({
      reason: 'node lost',
      job_status: 'interrupt',
      attempt: 1,
      attempts: [{ attempt: 1, outcome: 'node_lost', node_id: runnerId }],
    });
    await cluster.bootNode(runner);
  });

  it('is tried again by the other node where its policy says so, under the same execute id', async () => {
    const { executeId, runner, runnerId, other, otherId } = await killDuring({ node_lost: 'retry' });
    const execution = await untilTakenOver(other, executeId, 'succeeded');
    expect(execution.attempts).toMatchObject([
      { attempt: 1, outcome: 'node_lost', node_id: runnerId },
      { attempt: 2, outcome: 'succeeded', exit_code: 0, node_id: otherId },
    ]);
    const { text } = await other.api.call('GET', `/execution/${executeId}/output`);
    expect(text).toBe('try 2\n');
    await cluster.bootNode(runner);
  });
});
