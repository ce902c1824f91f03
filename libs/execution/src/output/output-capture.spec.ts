import { HEAD_LIMIT_BYTES, OutputCapture, TAIL_LIMIT_BYTES } from './output-capture.js';

const bytes = (text: string): Buffer => Buffer.from(text, 'utf8');

function captured(...chunks: Uint8Array[]) {
  const capture = new OutputCapture();
  for (const chunk of chunks) capture.write(chunk);
  capture.end();
  return capture.snapshot();
}

describe('what is kept of a stream', () => {
  it('is all of a short one', () => {
    expect(captured(bytes('one\n'), bytes('two\n'))).toEqual({ head: 'one\ntwo\n', tail: '', totalBytes: 8 });
    expect(captured()).toEqual({ head: '', tail: '', totalBytes: 0 });
  });

  it('is the beginning and the end of a long one', () => {
    const lines = Array.from({ length: 100_000 }, (_, n) => `line ${n}\n`);
    const { head, tail, totalBytes } = captured(...lines.map(bytes));
    const all = lines.join('');
    expect(head).toBe(all.slice(0, HEAD_LIMIT_BYTES));
    expect(tail).toBe(all.slice(-TAIL_LIMIT_BYTES));
    expect(totalBytes).toBe(all.length);
  });

  it('is all of one that ends between the two limits', () => {
    const all = 'x'.repeat(HEAD_LIMIT_BYTES) + 'the end';
    expect(captured(bytes(all))).toEqual({
      head: all.slice(0, HEAD_LIMIT_BYTES),
      tail: 'the end',
      totalBytes: all.length,
    });
  });

  it('has whole characters at every cut', () => {
    const text = `a${'€'.repeat(100_000)}`;
    const { head, tail, totalBytes } = captured(bytes(text));
    expect(head).toBe(`a${'€'.repeat(Math.floor((HEAD_LIMIT_BYTES - 1) / 3))}`);
    expect(tail).toBe('€'.repeat(Math.floor(TAIL_LIMIT_BYTES / 3)));
    expect(totalBytes).toBe(300_001);
  });

  it('puts characters together that came in pieces, and keeps nothing of the head back for later', () => {
    const euro = bytes('€');
    expect(captured(...[...euro].map((byte) => Buffer.from([byte]))).head).toBe('€');
    const capture = new OutputCapture();
    capture.write(Buffer.alloc(HEAD_LIMIT_BYTES - 1, 'x'));
    capture.write(bytes('€y'));
    expect(capture.snapshot()).toEqual({
      head: 'x'.repeat(HEAD_LIMIT_BYTES - 1),
      tail: '€y',
      totalBytes: HEAD_LIMIT_BYTES + 3,
    });
  });

  it('has replacement characters for what is no text, counted as they are kept', () => {
    expect(captured(Buffer.from([0x61, 0xff, 0x00, 0x62]))).toEqual({
      head: 'a\ufffd\u0000b',
      tail: '',
      totalBytes: 6,
    });
    expect(captured(Buffer.from([0xe2, 0x82])).head).toBe('\ufffd');
  });
});
