import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Endpoints } from '@ecron/testing';
import { eventually } from './eventually.js';

type Nsq = Endpoints['nsq'];

/** Publishes a text to a topic, as whoever can reach nsqd may. */
export async function publish({ nsqdHttp }: Nsq, topic: string, text: string): Promise<void> {
  const answer = await fetch(`http://${nsqdHttp}/pub?topic=${topic}`, { method: 'POST', body: text });
  if (answer.status !== 200) throw new Error(`nsqd answers ${answer.status} to a publication`);
}

/** Listens to a topic beside its real consumers, through NSQ's own `nsq_tail`. */
export class NsqTap {
  /** Every message since the opening, as it came. */
  readonly texts: string[] = [];

  private constructor(private readonly child: ChildProcess) {
    if (child.stdout) createInterface({ input: child.stdout }).on('line', (line) => this.texts.push(line));
  }

  /** Resolves when nothing that is published can be missed any more. */
  static async open(nsq: Nsq, topic: string): Promise<NsqTap> {
    const channel = `tap${randomBytes(4).toString('hex')}#ephemeral`;
    await call(nsq, `topic/create?topic=${topic}`);
    await call(nsq, `channel/create?topic=${topic}&channel=${encodeURIComponent(channel)}`);
    const args = ['-topic', topic, '-channel', channel, '-nsqd-tcp-address', nsq.nsqdTcp];
    const child = spawn(nsq.bin === undefined ? 'nsq_tail' : join(nsq.bin, 'nsq_tail'), args, {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return new NsqTap(child);
  }

  /** The first message that `isIt` accepts. */
  find(isIt: (text: string) => boolean): Promise<string> {
    return eventually(() => {
      const found = this.texts.find(isIt);
      if (found === undefined) throw new Error(`not among ${this.texts.length} messages`);
      return found;
    });
  }

  async close(): Promise<void> {
    const closed = once(this.child, 'close');
    this.child.kill('SIGTERM');
    await closed;
  }
}

async function call({ nsqdHttp }: Nsq, path: string): Promise<void> {
  const answer = await fetch(`http://${nsqdHttp}/${path}`, { method: 'POST' });
  if (answer.status !== 200) throw new Error(`nsqd answers ${answer.status} to ${path}`);
}
