import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { describeWith, describeWithKube, type Endpoints, freePorts, KubeCluster } from '@ecron/testing';
import { eventually } from '../support/eventually.js';
import { NsqTap } from '../support/nsq-tap.js';
import { readmeBlocks, readStart, runBlock } from '../support/readme.js';
import { Standalone } from '../support/standalone.js';

jest.setTimeout(120_000);

const SUCCEEDED = 'event: end\ndata: {"state":"succeeded"}\n\n';
/** What the README's commands print against a program that was started as it says. */
async function follow(env: Record<string, string>, block: string, targetPort = ''): Promise<string> {
  const app = await Standalone.start(env);
  try {
    const address = app.management.replace('http://', '');
    return await runBlock(block, { '127.0.0.1:12345': address, '127.0.0.1:8000': `127.0.0.1:${targetPort}` });
  } finally {
    await app.discard();
  }
}

/** However the pieces were cut. */
function joined(events: string): string {
  const texts = [...events.matchAll(/^data: (.*)$/gm)].map(
    ([, data = '']) => JSON.parse(data) as { text?: string },
  );
  return texts.map(({ text = '' }) => text).join('');
}

describe('the README, word for word', () => {
  it('http: calls the target of the first job, and is followed to its end', async () => {
    const [target = ''] = readmeBlocks('The first job');
    const port = String(await freePorts());
    const child = spawn('bash', ['-euc', `exec ${target.replaceAll('8000', port)}`], { stdio: 'ignore' });
    try {
      await eventually(async () => expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe('OK'));
      const [run = ''] = readmeBlocks('http');
      const printed = await follow({}, run, port);
      expect(printed.startsWith(SUCCEEDED)).toBe(true);
      expect(JSON.parse(printed.slice(SUCCEEDED.length))).toMatchObject({ state: 'succeeded', result: 'OK' });
    } finally {
      child.kill('SIGKILL');
      await once(child, 'close');
    }
  });

  it('exe: runs the program that it makes, and shows what it writes', async () => {
    const [start = '', run = ''] = readmeBlocks('exe');
    const printed = await follow(await readStart(start), run);
    expect(printed.endsWith(SUCCEEDED)).toBe(true);
    expect(joined(printed)).toBe('part 1\npart 2\npart 3\n');
  });
});

describeWith('nsq', 'the README, word for word', (nsq: Endpoints['nsq']) => {
  it('publish: sends its message to the topic', async () => {
    const [start = '', run = ''] = readmeBlocks('publish');
    const [host = '', port = ''] = nsq.nsqdTcp.split(':');
    const env = { ...(await readStart(start)), ECRON_MQ_HOST: host, ECRON_MQ_PORT: port };
    expect(env).toMatchObject({ ECRON_MQ_CONNECTOR_TYPE: 'nsq', ECRON_PUBLISH_TOPICS: 'reports.*' });
    // What an earlier run has left there is no proof.
    await fetch(`http://${nsq.nsqdHttp}/topic/delete?topic=reports.requests`, { method: 'POST' });
    const tap = await NsqTap.open(nsq, 'reports.requests');
    try {
      expect(await follow(env, run)).toBe(SUCCEEDED);
      expect(JSON.parse(await tap.find(() => true))).toEqual({ report: 'sales' });
    } finally {
      await tap.close();
    }
  });
});

describeWithKube('the README, word for word', () => {
  it('kubernetes: runs the command in a pod, and shows what it writes', async () => {
    const cluster = await KubeCluster.up();
    try {
      const [start = '', run = ''] = readmeBlocks('kubernetes');
      const env = await readStart(start, cluster.kubeconfig);
      expect(env['KUBECONFIG']).toBe(cluster.kubeconfig);
      const printed = await follow(env, run);
      expect(printed.endsWith(SUCCEEDED)).toBe(true);
      expect(joined(printed)).toBe('part 1\npart 2\npart 3\n');
    } finally {
      await cluster.down();
    }
  });
});
