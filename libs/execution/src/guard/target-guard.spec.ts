import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { Resolver } from 'node:dns/promises';
import { attemptOf, closeExecutors, createExecutor, NEVER } from '../../test/http-attempt.js';
import { closeTargets, listenHttp, type Target } from '../../../../test/support/http-target.js';
import { parseAddress } from './address.js';
import { type Resolve } from './resolve.js';
import { TargetGuard } from './target-guard.js';

const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.close();
  closeTargets();
  await closeExecutors();
});

const listenOk = (): Promise<Target> => listenHttp((response) => response.end('there'));

/** Answers each look-up with the next of these lists, the last one again and again; notes the names. */
function resolving(...answers: string[][]): { resolve: Resolve; asked: string[] } {
  const asked: string[] = [];
  const resolve: Resolve = (name) => {
    const addresses = answers[Math.min(asked.length, answers.length - 1)] ?? [];
    asked.push(name);
    return Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));
  };
  return { resolve, asked };
}

const REFUSED = { kind: 'failed', retryable: false, reason: 'bad target' };

describe('a name', () => {
  it('is looked up once for a connection, which goes to what was judged', async () => {
    const target = await listenOk();
    const { resolve, asked } = resolving(['127.0.0.1'], ['169.254.169.254']);
    const executor = createExecutor({ guard: new TargetGuard({}, { resolve }) });
    const url = `http://rebinding.example:${target.port}/`;
    expect(await executor.run(attemptOf(url), NEVER)).toMatchObject({ kind: 'succeeded' });
    expect(asked).toEqual(['rebinding.example']);
    expect(target.received[0]?.headers.host).toBe(`rebinding.example:${target.port}`);
  });

  it('that moves to this machine after its first answer is refused at the next connection', async () => {
    const home = await listenOk();
    const { resolve } = resolving(['127.0.0.2'], ['127.0.0.1']);
    const guard = new TargetGuard({ privateTargets: 'deny', allowCidrs: ['127.0.0.2'] }, { resolve });
    const executor = createExecutor({ guard });
    const url = `http://rebinding.example:${home.port}/`;
    // Nothing listens at 127.0.0.2: judged good, and not reached.
    expect(await executor.run(attemptOf(url), NEVER)).toMatchObject({ kind: 'failed', retryable: true });
    expect(await executor.run(attemptOf(url), NEVER)).toMatchObject({
      ...REFUSED,
      error:
        'target refused: rebinding.example leads to a loopback address, and http_private_targets is deny',
    });
    expect(home.received).toEqual([]);
  });

  it('with several addresses is connected to only where they pass', async () => {
    const target = await listenOk();
    const { resolve } = resolving(['169.254.169.254', '::1', '127.0.0.1', '0.0.0.0']);
    const guard = new TargetGuard({ privateTargets: 'deny', allowCidrs: ['127.0.0.1/32'] }, { resolve });
    expect(await guard.admit('mixed.example', target.port)).toEqual([{ address: '127.0.0.1', family: 4 }]);
    const outcome = await createExecutor({ guard }).run(
      attemptOf(`http://mixed.example:${target.port}/`),
      NEVER,
    );
    expect(outcome).toMatchObject({ kind: 'succeeded' });
  });

  it('is refused over TLS as well, and without a certificate to verify too', async () => {
    const { resolve } = resolving(['169.254.169.254']);
    const executor = createExecutor({ guard: new TargetGuard({}, { resolve }) });
    for (const verify of [true, false]) {
      const attempt = attemptOf('https://metadata.example/', { tls: { verify } });
      expect(await executor.run(attempt, NEVER)).toMatchObject(REFUSED);
    }
  });

  it('that leads to what is refused is told as it was written, without the address', async () => {
    const { resolve } = resolving(['10.9.8.7']);
    const ownAddresses = [{ host: '10.9.8.7', port: 3306, what: 'the database' }];
    const guard = new TargetGuard({ ownAddresses }, { resolve });
    const outcome = await createExecutor({ guard }).run(attemptOf('http://u:p@alias.example:3306/'), NEVER);
    expect(outcome).toEqual({
      ...REFUSED,
      error: 'target refused: alias.example leads to the database at port 3306',
      result: null,
    });
  });

  it('that cannot be looked up is a failed attempt like any other', async () => {
    const resolve: Resolve = () => Promise.reject(Object.assign(new Error('x'), { code: 'ENOTFOUND' }));
    for (const each of [resolve, resolving([]).resolve]) {
      const executor = createExecutor({ guard: new TargetGuard({}, { resolve: each }) });
      expect(await executor.run(attemptOf('http://gone.example/'), NEVER)).toMatchObject({
        kind: 'failed',
        retryable: true,
        error: 'host not found: gone.example',
      });
    }
  });
});

describe('a connection that is kept alive', () => {
  it('was judged when it was made: there are no look-ups but those of new connections', async () => {
    const connections = new Set<unknown>();
    const target = await listenHttp((response, _, { socket }) => {
      connections.add(socket);
      response.end('there');
    });
    const { resolve, asked } = resolving(['127.0.0.1']);
    const executor = createExecutor({ guard: new TargetGuard({}, { resolve }) });
    const attempt = attemptOf(`http://steady.example:${target.port}/`);
    for (let i = 0; i < 20; i += 1) await executor.run(attempt, NEVER);
    expect(target.received).toHaveLength(20);
    expect(asked).toHaveLength(connections.size);
    expect(connections.size).toBeLessThan(20);
  });
});

describe('a redirect', () => {
  it.each([
    ['http://169.254.169.254/', 'is a cloud metadata address'],
    ['http://0xa9fea9fe/', 'is a cloud metadata address'],
    ['http://[::ffff:a9fe:a9fe]/', 'is a cloud metadata address'],
    ['http://rebound.example/', 'leads to a link-local address'],
    ['http://127.0.0.1:3306/', 'is the database at port 3306'],
    ['http://localhost:3306/', 'leads to the database at port 3306'],
    ['//0.0.0.0:1/', 'is an unspecified address'],
  ])('to %s ends the run', async (location, rule) => {
    const target = await listenHttp((response) => response.writeHead(307, { location }).end());
    const resolve: Resolve = (name) =>
      Promise.resolve([{ address: name === 'localhost' ? '127.0.0.1' : '169.254.1.1', family: 4 }]);
    const ownAddresses = [{ host: '127.0.0.1', port: 3306, what: 'the database' }];
    const guard = new TargetGuard({ ownAddresses }, { resolve });
    const outcome = await createExecutor({ guard }).run(attemptOf(target.origin), NEVER);
    expect(outcome).toMatchObject({ ...REFUSED, error: expect.stringContaining(rule) as string });
    expect(target.received).toHaveLength(1);
  });
});

describe('where private targets are denied', () => {
  const deny = (allow: { allowHosts?: string[]; allowCidrs?: string[] }, answers: string[] = ['10.1.2.3']) =>
    new TargetGuard({ privateTargets: 'deny', ...allow }, resolving(answers));

  it.each(['api.internal', 'API.internal.', '*.internal', '10.1.2.3'])(
    'the allowed host %s lets api.internal through',
    async (host) => {
      expect(await deny({ allowHosts: [host] }).admit('api.internal', 80)).toHaveLength(1);
    },
  );

  it.each(['internal', '*.api.internal', 'xapi.internal', '*.nternal', '10.1.2.4'])(
    'the allowed host %s does not',
    async (host) => {
      await expect(deny({ allowHosts: [host] }).admit('api.internal', 80)).rejects.toThrow('private address');
    },
  );

  it('an allowed range lets names and addresses through, also those that carry one', async () => {
    const guard = deny({ allowCidrs: ['10.1.0.0/16', 'fd12::/16'] });
    for (const host of ['api.internal', '10.1.255.255', '::ffff:10.1.0.1', '64:ff9b::10.1.0.1', 'fd12::1']) {
      expect(await guard.admit(host, 80)).toHaveLength(1);
    }
    for (const host of ['10.2.0.0', '10.0.255.255', '::ffff:10.2.0.1', '64:ff9b::10.2.0.1', 'fd13::1']) {
      await expect(guard.admit(host, 80)).rejects.toThrow('private address');
    }
  });

  it('nothing allows what is refused everywhere', async () => {
    const guard = deny({ allowHosts: ['api.internal', '*.internal'], allowCidrs: ['0.0.0.0/0'] }, [
      '169.254.1.1',
    ]);
    await expect(guard.admit('api.internal', 80)).rejects.toThrow('link-local address');
  });

  it('a range that is none is an error at once', () => {
    for (const range of ['10.0.0.0/33', 'fd00::/129', '10.0.0/8', 'internal', '', '10.0.0.0/']) {
      expect(() => deny({ allowCidrs: [range] })).toThrow(RangeError);
    }
  });
});

describe('an address of our own', () => {
  const here = () => ['127.0.0.1', '192.168.7.7'].map((text) => parseAddress(text)!);

  it.each(['127.0.0.1', '0.0.0.0', '192.168.7.7', '::1', '::'])(
    'at %s is refused on every address of this machine',
    async (host) => {
      const ownAddresses = [{ host, port: 12345, what: 'the API' }];
      const guard = new TargetGuard({ ownAddresses }, { localAddresses: here });
      for (const same of ['127.0.0.1', '127.0.0.5', '0.0.0.0', '192.168.7.7', '::1', '::ffff:127.0.0.1']) {
        await expect(guard.admit(same, 12345)).rejects.toThrow('the API at port 12345');
      }
      expect(await guard.admit('192.168.7.8', 12345)).toHaveLength(1);
      expect(await guard.admit('127.0.0.1', 12346)).toHaveLength(1);
    },
  );

  it('is followed where its name moves, and stays refused while the name cannot be looked up', async () => {
    let answer: string | null = '10.0.0.1';
    const resolve: Resolve = () =>
      answer === null ? Promise.reject(new Error('x')) : Promise.resolve([{ address: answer, family: 4 }]);
    const ownAddresses = [{ host: 'db.internal', port: 3306, what: 'the database' }];
    const guard = new TargetGuard({ ownAddresses }, { resolve });
    await expect(guard.admit('10.0.0.1', 3306)).rejects.toThrow('the database');
    answer = '10.0.0.2';
    await expect(guard.admit('10.0.0.2', 3306)).rejects.toThrow('the database');
    expect(await guard.admit('10.0.0.1', 3306)).toHaveLength(1);
    answer = null;
    await expect(guard.admit('10.0.0.2', 3306)).rejects.toThrow('the database');
  });
});

describe('a DNS server that rebinds', () => {
  it('reaches neither this machine nor its own second thought', async () => {
    const target = await listenOk();
    const resolve = await serveDns(['127.0.0.2', '127.0.0.1', '169.254.169.254']);
    const guard = new TargetGuard({ privateTargets: 'deny', allowCidrs: ['127.0.0.2'] }, { resolve });
    const run = () => createExecutor({ guard }).run(attemptOf(`http://evil.example:${target.port}/`), NEVER);
    expect(await run()).toMatchObject({ kind: 'failed', retryable: true });
    expect(await run()).toMatchObject({ ...REFUSED, error: expect.stringContaining('loopback') as string });
    expect(await run()).toMatchObject({ ...REFUSED, error: expect.stringContaining('metadata') as string });
    expect(target.received).toEqual([]);
  });
});

/** A real server for names of type A, each answer good for no time at all; how to ask it. */
async function serveDns(answers: string[]): Promise<Resolve> {
  const socket = createSocket('udp4');
  sockets.push(socket);
  socket.on('message', (query, { port, address }) => {
    socket.send(answerDns(query, answers.shift() ?? '127.0.0.1'), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const resolver = new Resolver();
  resolver.setServers([`127.0.0.1:${socket.address().port}`]);
  return async (name) => (await resolver.resolve4(name)).map((address) => ({ address, family: 4 }));
}

function answerDns(query: Buffer, address: string): Buffer {
  const nameEnd = query.indexOf(0, 12) + 1;
  const question = query.subarray(12, nameEnd + 4);
  const head = Buffer.from([...query.subarray(0, 2), 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]);
  const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split('.').map(Number)]);
  return Buffer.concat([head, question, record]);
}
