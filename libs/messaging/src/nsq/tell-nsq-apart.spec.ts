import { describeWith, LocalNsqd, LocalNsqlookupd } from '@ecron/testing';
import { tellNsqApart } from './tell-nsq-apart.js';

// Nothing can listen there: the network has no such host.
const silent = (port: number) => ({ host: '127.255.255.254', port });

describe('tellNsqApart where nothing answers', () => {
  const found = { nsqd: silent(4150), lookupdHttp: [silent(4161)] };

  it.each([
    [4150, 4161],
    [4161, 4150],
    [4151, 4160],
    [4160, 4150],
  ])('goes by the ports %d and %d', async (first, second) => {
    const { note, ...addresses } = await tellNsqApart(silent(first), silent(second));
    expect(addresses).toMatchObject(found);
    expect(note).toContain('by its port');
  });

  it('takes an unknown port for what the other is not', async () => {
    expect(await tellNsqApart(silent(4161), silent(7))).toMatchObject({
      nsqd: silent(7),
      lookupdHttp: [silent(4161)],
    });
    expect(await tellNsqApart(silent(7), silent(4150))).toMatchObject({
      nsqd: silent(4150),
      lookupdHttp: [silent(7)],
    });
  });

  it('believes the names when both ports are unknown, and says that it assumes', async () => {
    expect(await tellNsqApart(silent(7), silent(8))).toEqual({
      nsqd: silent(7),
      nsqdHttp: null,
      lookupdHttp: [silent(8)],
      note: 'NSQ: 127.255.255.254:7 is nsqd (assumed), 127.255.255.254:8 is nsqlookupd (assumed)',
    });
  });

  it('does with one address, or with none', async () => {
    expect(await tellNsqApart(silent(7), null)).toMatchObject({ nsqd: silent(7), lookupdHttp: [] });
    expect(await tellNsqApart(null, silent(7))).toMatchObject({ nsqd: null, lookupdHttp: [silent(7)] });
    expect(await tellNsqApart(null, silent(4150))).toMatchObject({ nsqd: silent(4150), lookupdHttp: [] });
    expect(await tellNsqApart(null, null)).toEqual({
      nsqd: null,
      nsqdHttp: null,
      lookupdHttp: [],
      note: 'no address of NSQ is given',
    });
  });
});

describeWith('nsq', 'tellNsqApart where NSQ answers', ({ bin }) => {
  let nsqd: LocalNsqd;
  let lookupd: LocalNsqlookupd;

  beforeAll(async () => {
    nsqd = await LocalNsqd.make(bin);
    lookupd = await LocalNsqlookupd.make(bin);
    await Promise.all([nsqd.start(), lookupd.start()]);
  }, 20_000);
  afterAll(() => Promise.all([nsqd.remove(), lookupd.stop()]));

  it.each(['tcp', 'http'] as const)(
    'knows both by their %s ports, whatever they are called',
    async (port) => {
      const found = { nsqd: nsqd.tcp, nsqdHttp: nsqd.http, lookupdHttp: [lookupd.http] };
      const rightWay = await tellNsqApart(nsqd[port], lookupd[port]);
      expect(rightWay).toMatchObject(found);
      expect(rightWay.note).toMatch(/is nsqd \(it answered\), .* is nsqlookupd \(it answered\)$/);
      expect(await tellNsqApart(lookupd[port], nsqd[port])).toMatchObject(found);
    },
  );

  it('lets the one that answers decide about the one that does not', async () => {
    expect(await tellNsqApart(lookupd.tcp, silent(7))).toMatchObject({ nsqd: silent(7) });
    expect(await tellNsqApart(silent(7), nsqd.tcp)).toMatchObject({
      nsqd: nsqd.tcp,
      lookupdHttp: [silent(7)],
    });
  });
});
