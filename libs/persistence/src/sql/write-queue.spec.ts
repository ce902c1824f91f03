import { WriteQueue } from './write-queue.js';

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
