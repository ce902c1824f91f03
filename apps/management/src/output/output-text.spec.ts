import { type StoredOutput } from '@ecron/execution';
import { showOutput, textBehind } from './output-text.js';

const stored = (own: Partial<StoredOutput>): StoredOutput => ({
  executeId: 'e',
  attempt: 1,
  stream: 'stdout',
  head: '',
  tail: '',
  totalBytes: 0,
  updatedAt: 0,
  ...own,
});

describe('what is new of a stream', () => {
  const head = { head: '€ one ', tail: '', totalBytes: 8 };
  const whole = { head: '€ one ', tail: 'two', totalBytes: 11 };
  const cut = { head: '€ one ', tail: 'end €', totalBytes: 100 };

  it.each([
    ['all of the head', head, 0, [[0, '€ one ']]],
    ['a part of the head', head, 4, [[0, 'one ']]],
    ['nothing', head, 8, []],
    [
      'head and tail, where nothing is between them',
      whole,
      3,
      [
        [0, ' one '],
        [0, 'two'],
      ],
    ],
    ['a part of the tail', whole, 9, [[0, 'wo']]],
    [
      'head and tail, and how much is not kept',
      cut,
      0,
      [
        [0, '€ one '],
        [85, 'end €'],
      ],
    ],
    ['the tail, and how much came and went unseen', cut, 50, [[43, 'end €']]],
    ['the tail, where what came before it was seen', cut, 93, [[0, 'end €']]],
    ['a part of the tail behind what is not kept', cut, 97, [[0, '€']]],
  ])('is %s', (_, kept, seen, expected) => {
    expect(textBehind(kept, seen).map((piece) => [piece.skippedBytes, piece.text])).toEqual(expected);
  });
});

describe('an output as text', () => {
  const out = stored({ head: 'one\n', totalBytes: 4 });
  const err = stored({ stream: 'stderr', head: 'note', totalBytes: 4 });

  it('is one stream as it is', () => {
    expect(showOutput([out, err], ['stdout'])).toBe('one\n');
    expect(showOutput([out, err], ['stderr'])).toBe('note');
    expect(showOutput([out], ['stdout', 'stderr'])).toBe('one\n');
    expect(showOutput([], ['stdout', 'stderr'])).toBe('');
  });

  it('is both with their names', () => {
    expect(showOutput([out, err], ['stdout', 'stderr'])).toBe('==> stdout <==\none\n==> stderr <==\nnote\n');
  });

  it('says where something is not kept', () => {
    const long = stored({ head: 'begin', tail: 'end', totalBytes: 1_008 });
    expect(showOutput([long], ['stdout'])).toBe('begin\n[1000 bytes are not kept]\nend');
  });
});
