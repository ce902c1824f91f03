import { attemptOf, closeExecutors, createExecutor, NEVER } from '../../test/http-attempt.js';
import { parseAddress } from './address.js';
import { TargetGuard } from './target-guard.js';

/** What the names of these tests resolve to. */
const NAMES: Record<string, string[]> = {
  'db.internal': ['10.20.0.5'],
  'db.alias.example': ['10.20.0.5'],
  'broker-1.internal': ['10.20.0.6', 'fd12::6'],
  'broker.alias.example': ['fd12::6'],
  'tokens.example': ['203.0.113.9'],
  'tokens.alias.example': ['203.0.113.9'],
  'kubernetes.default.svc': ['10.96.0.1'],
  localhost: ['::1', '127.0.0.1'],
  'loopback.example': ['127.0.0.1'],
  'mapped.example': ['::ffff:127.0.0.1'],
  'host.example': ['192.168.7.7'],
  'metadata.example': ['169.254.169.254'],
  'link-local.example': ['fe80::1%eth0'],
  'unspecified.example': ['0.0.0.0'],
  'nat64.example': ['64:ff9b::169.254.169.254'],
  'multicast.example': ['ff02::1'],
  'reserved.example': ['250.1.2.3'],
  'all-bad.example': ['169.254.169.254', '0.0.0.0', 'fe80::1'],
};

const OWN = [
  { host: 'db.internal', port: 3306, what: 'the database' },
  { host: 'broker-1.internal', port: 4150, what: 'the broker' },
  { host: 'broker-1.internal', port: 4151, what: 'the broker' },
  { host: '10.20.0.7', port: 4161, what: 'the lookup service of the broker' },
  { host: '127.0.0.1', port: 9092, what: 'the broker' },
  { host: 'tokens.example', port: 443, what: 'the token server' },
  { host: '127.0.0.1', port: 4445, what: 'the token server' },
  { host: '10.96.0.1', port: 443, what: 'the Kubernetes API' },
  { host: '0.0.0.0', port: 12345, what: 'the API' },
  { host: 'localhost', port: 32346, what: 'the analysis service' },
  { host: 'fd12::8', port: 8443, what: 'a service' },
];

const SYSTEM = {
  resolve: (name: string) =>
    Promise.resolve(
      (NAMES[name] ?? []).map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    ),
  localAddresses: () => ['127.0.0.1', '::1', '192.168.7.7', 'fd12::7'].map((text) => parseAddress(text)!),
};

// The most that can be allowed: what follows is refused all the same.
const OPEN = new TargetGuard(
  {
    privateTargets: 'allow',
    allowHosts: Object.keys(NAMES).concat('*.example', '169.254.169.254'),
    allowCidrs: ['0.0.0.0/0', '::/0'],
    ownAddresses: OWN,
  },
  SYSTEM,
);
const CLOSED = new TargetGuard({ privateTargets: 'deny' }, SYSTEM);

const LOCAL = ['127.0.0.1', '127.9.9.9', '2130706433', '0x7f.1', '[::1]', '[::ffff:127.0.0.1]', 'localhost'];
const HERE = [...LOCAL, '0.0.0.0', '0', '[::]', '192.168.7.7', '3232237319', '[fd12::7]', 'host.example'];
const at = (port: number, hosts: string[]) => hosts.map((host) => `${host}:${port}`);

const ALWAYS_REFUSED: Record<string, string[]> = {
  'the database': at(3306, [
    'db.internal',
    'DB.Internal',
    'db.internal.',
    'db.alias.example',
    '10.20.0.5',
    '10.1310725',
    '169082885',
    '0x0a140005',
    '012.024.0.05',
    '0xa.0x14.0x0.0x5',
    '[::ffff:10.20.0.5]',
    '[::ffff:a14:5]',
    '[::10.20.0.5]',
    '[64:ff9b::10.20.0.5]',
    '[2002:a14:5::1]',
  ]),
  'the broker': [
    ...at(4150, ['broker-1.internal', 'broker.alias.example', '10.20.0.6', '[fd12::6]', '[FD12:0::0006]']),
    ...at(4151, ['broker-1.internal', 'broker.alias.example', '10.20.0.6', '169082886', '[fd12::6]']),
    ...at(4161, ['10.20.0.7', '012.20.7', '[::ffff:10.20.0.7]']),
    ...at(9092, HERE),
  ],
  'the token server': [
    'https://tokens.example/',
    'https://tokens.example:443/admin',
    'http://tokens.example:443/',
    'https://tokens.alias.example/',
    'https://203.0.113.9/',
    'https://3405803785/',
    'https://[::ffff:203.0.113.9]/',
    'https://user:secret@tokens.example/',
    ...at(4445, HERE),
  ],
  'the Kubernetes API': ['https://kubernetes.default.svc/', 'https://10.96.0.1/api', 'https://10.6291457/'],
  'services of our own': [...at(12345, HERE), ...at(32346, HERE), 'http://[fd12::8]:8443/'],
  'metadata services': [
    '169.254.169.254',
    '169.254.169.254.',
    '169.254.169.254:80/latest/meta-data/',
    '169.254.43518',
    '169.16689662',
    '2852039166',
    '0xa9fea9fe',
    '0xA9.0xFE.0xA9.0xFE',
    '0251.0376.0251.0376',
    '025177524776',
    '0251.254.0xa9.254',
    '%31%36%39.254.169.254',
    '169。254。169。254',
    '169.254.169.254',
    '①⑥⑨.②⑤④.①⑥⑨.②⑤④',
    '[::ffff:169.254.169.254]',
    '[::ffff:a9fe:a9fe]',
    '[0:0:0:0:0:ffff:a9fe:a9fe]',
    '[::169.254.169.254]',
    '[::ffff:0:169.254.169.254]',
    '[64:ff9b::169.254.169.254]',
    '[64:ff9b::a9fe:a9fe]',
    '[64:ff9b:1::169.254.169.254]',
    '[64:ff9b:1:a9fe:a9:fe00::]',
    '[64:ff9b:1:a9:fe:a9fe::]',
    '[64:ff9b:1:0:a9:fea9:fe00:0]',
    '[2002:a9fe:a9fe::]',
    '[2002:a9fe:a9fe:1:2:3:4:5]',
    '[2001:0:a9fe:a9fe::]',
    '[2001::5601:5601]',
    '[2001:db8::5efe:169.254.169.254]',
    '[2001:db8::200:5efe:a9fe:a9fe]',
    '169.254.170.2/v2/credentials',
    '100.100.100.200',
    '0x646464c8',
    '[::ffff:100.100.100.200]',
    '192.0.0.192',
    '168.63.129.16',
    '[fd00:ec2::254]',
    '[fd00:0ec2:0::0254]',
    '[fd00:ec2::23]',
    '[fd20:ce::254]',
    '[fd00:c1::a9fe:a9fe]',
    '[fd00:42::42]',
    'metadata.google.internal',
    'METADATA.google.internal.',
    'metadata.goog',
    'metadata.example',
    'nat64.example',
  ],
  'link-local addresses': [
    '169.254.0.0',
    '169.254.0.23',
    '169.254.1.1:8080',
    '169.254.255.255',
    '0xa9fe0001',
    '[fe80::1]',
    '[fe80::a9fe:a9fe]',
    '[febf:ffff::1]',
    '[::ffff:169.254.1.1]',
    '[::169.254.1.1]',
    '[2002:a9fe:101::1]',
    '[64:ff9b::169.254.1.1]',
    '[fe80::1%25eth0]',
    'link-local.example',
  ],
  'unspecified addresses': [
    '0.0.0.0',
    '0',
    '0x0',
    '00',
    '0.0',
    '0.1.2.3',
    '0.255.255.255',
    '[::]',
    '[0:0:0:0:0:0:0:0]',
    '[::ffff:0.0.0.0]',
    '[::ffff:0:0]',
    '[64:ff9b::0.0.0.0]',
    '[64:ff9b:1::]',
    '[2002::1]',
    '[::2]',
    'unspecified.example',
  ],
  'multicast, broadcast and reserved addresses': [
    '224.0.0.1',
    '239.255.255.250:1900',
    '0xe0000001',
    '[ff02::1]',
    '[ff05::1:3]',
    '[::ffff:224.0.0.1]',
    '[2002:e000:1::]',
    '255.255.255.255',
    '4294967295',
    '0xffffffff',
    '[::ffff:255.255.255.255]',
    '240.0.0.1',
    '254.1.2.3',
    '[64:ff9b::240.0.0.1]',
    'multicast.example',
    'reserved.example',
    'all-bad.example',
  ],
  'what is no URL of ours': [
    'ftp://93.184.216.34/',
    'file:///etc/passwd',
    'gopher://93.184.216.34:70/',
    'ws://93.184.216.34/',
    'unix:/var/run/docker.sock',
    'data:text/plain,x',
    'javascript:void(0)',
    'http://',
    'http://1.2.3.4.5/',
    'http://256.1.1.1/',
    'http://0x100000000/',
    'http://[::1/',
    'http://[fe80::1%eth0]/',
    'http://127.0.0.1:99999/',
  ],
};

const PRIVATE_ONLY: string[] = [
  ...LOCAL,
  '127.1',
  '127.255.255.255',
  '017700000001',
  '0177.0.0.1',
  '0x7f000001',
  'loopback.example',
  'mapped.example',
  'host.example',
  '[0:0:0:0:0:0:0:1]',
  '[::127.0.0.1]',
  '[64:ff9b::127.0.0.1]',
  '[64:ff9b:1::127.0.0.1]',
  '[2002:7f00:1::]',
  '[2001::80ff:fffe]',
  '10.0.0.0',
  '10.255.255.255',
  '167772161',
  '0x0a.1',
  '[::ffff:10.0.0.1]',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.0.1',
  '3232235521',
  '0300.0250.0.1',
  '[64:ff9b::192.168.0.1]',
  '[2002:c0a8:1::1]',
  '[2001:db8::5efe:192.168.0.1]',
  '100.64.0.1',
  '100.127.255.255',
  '192.0.0.8',
  '198.18.0.1',
  '198.19.255.255',
  '[fc00::1]',
  '[fd12:3456::1]',
  '[fdff:ffff::1]',
  '[fec0::1]',
  '[2001:2::1]',
  'db.internal',
  'broker-1.internal',
];

const LEGITIMATE: [string, number][] = [
  ['93.184.216.34', 80],
  ['8.8.8.8', 443],
  ['9.255.255.255', 80],
  ['11.0.0.0', 80],
  ['100.63.255.255', 80],
  ['100.128.0.0', 80],
  ['126.255.255.255', 80],
  ['128.0.0.1', 80],
  ['168.63.129.17', 80],
  ['169.253.255.255', 80],
  ['169.255.0.1', 80],
  ['172.15.255.255', 80],
  ['172.32.0.1', 80],
  ['192.0.1.1', 80],
  ['192.167.255.255', 80],
  ['192.169.0.1', 80],
  ['198.17.255.255', 80],
  ['198.20.0.1', 80],
  ['203.0.113.9', 80],
  ['223.255.255.255', 80],
  ['1.0.0.1', 443],
  ['2606:4700:4700::1111', 443],
  ['2001:4860:4860::8888', 443],
  ['2a00:1450:4001:81b::200e', 80],
  ['::ffff:8.8.8.8', 80],
  ['64:ff9b::8.8.8.8', 80],
  ['64:ff9b:1::8.8.8.8', 80],
  ['2002:808:808::1', 80],
  ['2001:0:4136:e378:8000:63bf:3fff:fdd2', 80],
  ['tokens.example', 80],
];

const LEGITIMATE_WHERE_PRIVATE_IS: [string, number][] = [
  ['127.0.0.1', 8080],
  ['::1', 8080],
  ['localhost', 3306],
  ['192.168.7.7', 3306],
  ['10.20.0.5', 80],
  ['10.20.0.5', 3307],
  ['10.20.0.6', 3306],
  ['10.96.0.1', 80],
  ['10.96.0.2', 443],
  ['172.17.0.1', 12345],
  ['192.168.7.8', 12345],
  ['fd12::9', 8443],
  ['db.internal', 80],
  ['host.example', 80],
];

const urlOf = (target: string) =>
  /^\w+:(\/|\w)/.test(target) && !/^[\w.-]+:\d/.test(target) ? target : `http://${target}`;
const run = (guard: TargetGuard, target: string) =>
  createExecutor({ guard }).run(attemptOf(urlOf(target)), NEVER);

afterEach(closeExecutors);

const REFUSED = expect.objectContaining({
  kind: 'failed',
  retryable: false,
  reason: 'bad target',
}) as unknown;

describe.each(Object.entries(ALWAYS_REFUSED))('whatever is allowed, %s', (_, targets) => {
  it.each(targets)('cannot be called as %s', async (target) => {
    expect(await run(OPEN, target)).toEqual(REFUSED);
  });
});

describe('where private targets are denied', () => {
  it.each(PRIVATE_ONLY)('%s is refused', async (target) => {
    expect(await run(CLOSED, target)).toEqual(REFUSED);
  });

  it('so is what is refused everywhere', async () => {
    for (const target of ['169.254.169.254', '0.0.0.0', 'metadata.example']) {
      expect(await run(CLOSED, target)).toEqual(REFUSED);
    }
  });
});

it('no fewer than 200 forms of targets are refused above', () => {
  const all = [...Object.values(ALWAYS_REFUSED).flat(), ...PRIVATE_ONLY.map((target) => `denied ${target}`)];
  expect(new Set(all).size).toBeGreaterThanOrEqual(200);
});

describe('a legitimate target', () => {
  const admits = async (guard: TargetGuard, host: string, port: number) => {
    const shown = host.includes(':') ? `[${host}]` : host;
    expect(guard.check(new URL(`http://${shown}:${port}/`))).toBeNull();
    expect(await guard.admit(host, port)).not.toEqual([]);
  };

  it.each(LEGITIMATE)('%s at port %d is refused nowhere', async (host, port) => {
    await admits(OPEN, host, port);
    await admits(CLOSED, host, port);
  });

  it.each(LEGITIMATE_WHERE_PRIVATE_IS)(
    '%s at port %d is admitted unless private targets are denied',
    (host, port) => admits(OPEN, host, port),
  );
});
