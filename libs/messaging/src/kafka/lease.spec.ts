import { Lease } from './lease.js';

function make() {
  const events: string[] = [];
  const client = { disconnect: async () => void events.push('disconnected') };
  return { events, lease: new Lease(client) };
}

describe('Lease', () => {
  it('disconnects a client when all that it was asked for has ended, well or not', async () => {
    const { events, lease } = make();
    let succeed = () => {};
    let fail = () => {};
    const first = lease.use(() => new Promise<void>((resolve) => (succeed = resolve)));
    const second = lease.use(() => new Promise<void>((_, reject) => (fail = () => reject(new Error('no')))));
    const ended = lease.end();
    fail();
    await expect(second).rejects.toThrow('no');
    expect(events).toEqual([]);
    succeed();
    await first;
    await ended;
    expect(events).toEqual(['disconnected']);
  });

  it('disconnects an idle client at once', async () => {
    const { events, lease } = make();
    expect(await lease.use(async () => 7)).toBe(7);
    await lease.end();
    expect(events).toEqual(['disconnected']);
  });
});
