import { Coalesced } from './coalesced.js';

/** Work that ends when it is told to. */
class Gate {
  runs = 0;
  private open: (error?: Error) => void = () => undefined;

  readonly work = (): Promise<void> => {
    this.runs++;
    return new Promise((resolve, reject) => {
      this.open = (error) => (error === undefined ? resolve() : reject(error));
    });
  };
  async end(error?: Error): Promise<void> {
    this.open(error);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('coalesced work', () => {
  let gate: Gate;
  let errors: string[];
  let work: Coalesced;
  beforeEach(() => {
    gate = new Gate();
    errors = [];
    work = new Coalesced(gate.work, (error) => void errors.push(error.message));
  });

  it('begins at the first ring, and runs once more for all that ring meanwhile', async () => {
    const rings = [work.ring(), work.ring(), work.ring()];
    expect(gate.runs).toBe(1);
    await gate.end();
    expect(gate.runs).toBe(2);
    await gate.end();
    await Promise.all(rings);
    expect(gate.runs).toBe(2);
  });

  it('answers a ring only when it has been done from its beginning', async () => {
    void work.ring();
    let answered = false;
    const ring = work.ring().then(() => (answered = true));
    await gate.end();
    expect(answered).toBe(false);
    await gate.end();
    await ring;
    expect(answered).toBe(true);
  });

  it('runs anew at a ring after it has ended', async () => {
    void work.ring();
    await gate.end();
    void work.ring();
    expect(gate.runs).toBe(2);
  });

  it('tells of a failure, answers all the same, and goes on at the next ring', async () => {
    const ring = work.ring();
    await gate.end(new Error('away'));
    await ring;
    expect(errors).toEqual(['away']);
    void work.ring();
    expect(gate.runs).toBe(2);
  });

  it('lets the run that is under way end when it stops, and none follow', async () => {
    void work.ring();
    void work.ring();
    let stopped = false;
    const stopping = work.stop().then(() => (stopped = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(stopped).toBe(false);
    await gate.end();
    await stopping;
    await work.ring();
    await work.stop();
    expect(gate.runs).toBe(1);
  });
});
