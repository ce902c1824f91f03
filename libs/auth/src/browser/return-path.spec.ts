import { returnPath } from './return-path.js';

describe('the path to come back to', () => {
  it.each(['/', '/docs', '/docs?a=1&b=%2F#x', '/a//b', '/%5Cevil.example'])('may be %s', (path) => {
    expect(returnPath(path, '/home')).toBe(path);
  });

  it.each([
    ['another site', 'https://evil.example/'],
    ['another host, in the scheme of ours', '//evil.example/'],
    ['the same with backslashes', '/\\evil.example'],
    ['one that a browser makes of tabs', '/\t/evil.example'],
    ['one that dots lead to', '/a/..//evil.example'],
    ['one that encoded dots lead to', '/%2e%2e//evil.example'],
    ['a script', 'javascript:alert(1)'],
    ['a relative one', 'docs'],
    ['nothing', ''],
    ['a list', ['/docs']],
    ['a novel', `/${'a'.repeat(1024)}`],
  ])('is never %s', (_, wanted) => {
    expect(returnPath(wanted, '/home')).toBe('/home');
  });
});
