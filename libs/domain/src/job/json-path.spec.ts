import { parseJsonPath, readJsonPath } from './json-path.js';

describe('a path to one value', () => {
  it.each<[string, (string | number)[]]>([
    ['$', []],
    ['$.a.b', ['a', 'b']],
    ['$.a[0][-1]', ['a', 0, -1]],
    ['$.名_1', ['名_1']],
    [`$['a b']["c'd"]['']`, ['a b', "c'd", '']],
    [`$['it\\'s']["\\u540d\\n"]`, ["it's", '名\n']],
    ['$[ 0 ]', [0]],
  ])('reads %s', (text, steps) => {
    expect(parseJsonPath(text)).toEqual(steps);
  });

  it.each([
    '',
    'a',
    '.a',
    '$a',
    '$.',
    '$..a',
    '$.*',
    '$[*]',
    '$[1:2]',
    '$[0,1]',
    '$[?@.a]',
    '$[-0]',
    '$[01]',
    "$['a]",
    "$['\\x']",
    '$.1a',
    '$.a ',
    '$.a-b',
  ])('does not take %j', (text) => {
    expect(parseJsonPath(text)).toBeNull();
  });

  it.each<[(string | number)[], unknown]>([
    [[], { a: [1, { b: null }], 1: 'one' }],
    [['a', 0], 1],
    [['a', -1, 'b'], null],
    [['1'], 'one'],
    [[1], undefined],
    [['a', '0'], undefined],
    [['a', 2], undefined],
    [['a', 0, 'x'], undefined],
    [['constructor'], undefined],
    [['a', 'length'], undefined],
  ])('%j leads to %j', (path, value) => {
    expect(readJsonPath({ a: [1, { b: null }], 1: 'one' }, path)).toEqual(value);
  });
});
