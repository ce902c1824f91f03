import { type LookupAddress } from 'node:dns';
import { sharingLookups } from './resolve.js';

describe('a look-up', () => {
  it('is shared by all who ask for the same name while it runs, and made anew afterwards', async () => {
    const asked: string[] = [];
    const answers: (() => void)[] = [];
    const resolve = sharingLookups((name) => {
      asked.push(name);
      return new Promise<LookupAddress[]>((done) => answers.push(() => done([{ address: name, family: 4 }])));
    });
    const both = Promise.all([resolve('a.test', {}), resolve('a.test', {}), resolve('b.test', {})]);
    expect(asked).toEqual(['a.test', 'b.test']);
    for (const answer of answers) answer();
    expect((await both).map(([found]) => found?.address)).toEqual(['a.test', 'a.test', 'b.test']);
    void resolve('a.test', {});
    expect(asked).toEqual(['a.test', 'b.test', 'a.test']);
  });
});
