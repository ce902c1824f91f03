import { WriteQueue, WriteQueueFullError } from './write-queue.js';

/** Work that ends when it is told to, and a note of what has begun. */
class Desk {
  readonly begun: string[] = [];
  private readonly ends = new Map<string, (error?: Error) => void>();

  work = (name: string) => (): Promise<string> => {
    this.begun.push(name);
    return new Promise((resolve, reject) => {
      this.ends.set(name, (error) => (error === undefined ? resolve(name) : reject(error)));
    });
  };
  async end(name: string, error?: Error): Promise<void> {
    this.ends.get(name)?.(error);
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  }
}

describe('the queue for the pen', () => {
  const desk = () => new Desk();

  it('does one piece at a time, and answers with what it gave', async () => {
    const { begun, end, work } = bound(desk());
    const queue = new WriteQueue();
    const answers = [queue.run('edit', work('a')), queue.run('edit', work('b'))];
    expect(begun).toEqual(['a']);
    await end('a');
    expect(begun).toEqual(['a', 'b']);
    await end('b');
    expect(await Promise.all(answers)).toEqual(['a', 'b']);
  });

  it('does the most urgent first, and first come first served among equals', async () => {
    const { begun, end, work } = bound(desk());
    const queue = new WriteQueue();
    void queue.run('claim', work('first'));
    for (const [priority, name] of [
      ['claim', 'claim'],
      ['edit', 'edit'],
      ['record', 'record 1'],
      ['record', 'record 2'],
      ['start', 'start'],
    ] as const) {
      void queue.run(priority, work(name));
    }
    for (const name of ['first', 'start', 'record 1', 'record 2', 'edit', 'claim']) await end(name);
    expect(begun).toEqual(['first', 'start', 'record 1', 'record 2', 'edit', 'claim']);
  });

  it('tells who asked of a failure, and goes on', async () => {
    const { begun, end, work } = bound(desk());
    const queue = new WriteQueue();
    const failing = queue.run('edit', work('a'));
    const next = queue.run('edit', work('b'));
    const told = expect(failing).rejects.toThrow('disk full');
    await end('a', new Error('disk full'));
    await told;
    expect(begun).toEqual(['a', 'b']);
    await end('b');
    expect(await next).toBe('b');
  });

  it('gives every eighth turn to what has waited longest, whatever its priority', async () => {
    const { begun, end, work } = bound(desk());
    const queue = new WriteQueue();
    void queue.run('claim', work('claim'));
    void queue.run('claim', work('late claim'));
    void queue.run('edit', work('edit'));
    for (let n = 0; n < 20; n++) void queue.run('start', work(`start ${n}`));
    for (let n = 0; n < 20; n++) await end(begun.at(-1) ?? '');
    expect([begun.indexOf('claim'), begun.indexOf('late claim'), begun.indexOf('edit')]).toEqual([0, 7, 15]);
  });

  it('refuses edits beyond 10 000 that wait, and nothing else', async () => {
    const { begun, end, work } = bound(desk());
    const queue = new WriteQueue();
    void queue.run('start', work('first'));
    for (let n = 0; n < 10_000; n++) void queue.run('edit', work(`edit ${n}`));
    const refused = jest.fn(work('refused'));
    await expect(queue.run('edit', refused)).rejects.toThrow(WriteQueueFullError);
    expect(refused).not.toHaveBeenCalled();
    for (const priority of ['start', 'record', 'routine', 'claim'] as const)
      void queue.run(priority, work(priority));
    for (const name of ['first', 'start', 'record', 'routine']) await end(name);
    expect(begun).toEqual(['first', 'start', 'record', 'routine', 'edit 0']);
    const after = queue.run('edit', async () => 'in its place');
    for (let n = 0; n < 10_002; n++) await end(begun.at(-1) ?? '');
    expect(await after).toBe('in its place');
  });

  describe('of a pen that takes two orders in advance', () => {
    it('hands it two at once and the third when one is done', async () => {
      const { begun, end, work } = bound(desk());
      const queue = new WriteQueue(2);
      for (const name of ['a', 'b', 'c']) void queue.order('start', work(name));
      expect(begun).toEqual(['a', 'b']);
      await end('a');
      expect(begun).toEqual(['a', 'b', 'c']);
    });

    it('never mixes an order with a piece of several statements', async () => {
      const { begun, end, work } = bound(desk());
      const queue = new WriteQueue(2);
      void queue.order('start', work('order 1'));
      void queue.run('edit', work('piece'));
      void queue.order('claim', work('order 2'));
      expect(begun).toEqual(['order 1']);
      await end('order 1');
      expect(begun).toEqual(['order 1', 'piece']);
      void queue.order('start', work('order 3'));
      expect(begun).toEqual(['order 1', 'piece']);
      await end('piece');
      expect(begun).toEqual(['order 1', 'piece', 'order 3', 'order 2']);
    });

    it('has a piece wait for every order that is under way', async () => {
      const { begun, end, work } = bound(desk());
      const queue = new WriteQueue(2);
      void queue.order('start', work('a'));
      void queue.order('start', work('b'));
      void queue.run('edit', work('piece'));
      await end('a');
      expect(begun).toEqual(['a', 'b']);
      await end('b');
      expect(begun).toEqual(['a', 'b', 'piece']);
    });
  });
});

function bound(desk: Desk) {
  return { begun: desk.begun, end: (name: string, error?: Error) => desk.end(name, error), work: desk.work };
}
