import { findForeignPage, type PageFacts } from './foreign-page.js';

const PLAIN: PageFacts = {
  method: 'POST',
  host: 'localhost:12345',
  origin: undefined,
  fetchSite: undefined,
  fetchMode: undefined,
};
const find = (own: Partial<PageFacts>, listenAddress = '127.0.0.1') =>
  findForeignPage({ ...PLAIN, ...own }, listenAddress);

describe('a request where no token is asked for', () => {
  it.each<[string, Partial<PageFacts>]>([
    ['a program', {}],
    ['a program of HTTP/1.0', { host: undefined }],
    ['our own page', { origin: 'http://localhost:12345', fetchSite: 'same-origin', fetchMode: 'cors' }],
    ['our own page, read', { method: 'GET', fetchSite: 'same-origin', fetchMode: 'cors' }],
    ['our own page behind TLS', { host: 'cron.test', origin: 'https://cron.test' }],
    ['the address bar', { method: 'GET', fetchSite: 'none', fetchMode: 'navigate' }],
    ['a link on another site', { method: 'GET', fetchSite: 'cross-site', fetchMode: 'navigate' }],
  ])('from %s is ours', (_, own) => {
    expect(find(own, '0.0.0.0')).toBeNull();
  });

  it.each<[string, Partial<PageFacts>]>([
    ['another site', { fetchSite: 'cross-site', fetchMode: 'no-cors' }],
    ['another port', { fetchSite: 'same-site', fetchMode: 'cors' }],
    ['a form of another site', { fetchSite: 'cross-site', fetchMode: 'navigate' }],
    ['an image of another site', { method: 'GET', fetchSite: 'cross-site', fetchMode: 'no-cors' }],
    ['another origin', { origin: 'http://evil.test' }],
    ['another port, as an origin', { origin: 'http://localhost:8080' }],
    ['a sandboxed page', { origin: 'null' }],
    ['a page whose origin is none', { origin: 'evil' }],
  ])('from %s is refused', (_, own) => {
    expect(find(own)).not.toBeNull();
    expect(find(own, '0.0.0.0')).not.toBeNull();
  });

  it.each(['localhost:1', 'LOCALHOST', 'api.localhost:80', '127.0.0.1:12345', '[::1]:12345', '10.1.2.3'])(
    'on loopback to the Host %s is ours',
    (host) => {
      expect(find({ host })).toBeNull();
      expect(find({ host }, '::1')).toBeNull();
    },
  );

  it.each(['evil.test:12345', 'evil.test', 'localhost.evil.test', '127.0.0.1.evil.test', '', '[evil]x'])(
    'on loopback to the Host %p is refused, though the page says the same',
    (host) => {
      const own = { host, origin: `http://${host}`, fetchSite: 'same-origin', fetchMode: 'cors' };
      for (const address of ['127.0.0.1', '127.1.2.3', 'localhost', '::1'])
        expect(find(own, address)).toBe('The Host is not one of this server');
    },
  );

  it('where all may reach us goes by any name', () => {
    expect(find({ host: 'cron.internal:12345' }, '0.0.0.0')).toBeNull();
  });
});
