import { RESULT_LIMIT_BYTES } from '../../executor/executor.js';
import { OutputCapture } from '../../output/output-capture.js';
import { formatOutput } from './text-result.js';

function resultOf(text: string): string | null {
  const capture = new OutputCapture();
  capture.write(Buffer.from(text));
  return formatOutput(capture.snapshot());
}

describe('the result of a command', () => {
  it.each([
    ['{"rows": 3}\n', '{"rows": 3}'],
    ['[1]', '[1]'],
    ['done\n', '"done"'],
    ['two\nlines\r\n', '"two\\nlines"'],
    ['42\n', '"42"'],
    ['{broken', '"{broken"'],
    ['{"a":1}\n{"b":2}\n', '"{\\"a\\":1}\\n{\\"b\\":2}"'],
  ])('that wrote %j is %j', (text, result) => {
    expect(resultOf(text)).toBe(result);
  });

  it.each(['', '\n'])('that wrote %j is nothing', (text) => {
    expect(resultOf(text)).toBeNull();
  });

  it.each([
    `${'x'.repeat(100_000)}the end`,
    `${'"€\u0001'.repeat(400_000)}the end`,
    `${'😀'.repeat(90_000)}the end`,
  ])('is the end of a long output, as JSON of at most 64 KB', (text) => {
    const json = resultOf(text) ?? '';
    expect(Buffer.byteLength(json)).toBeLessThanOrEqual(RESULT_LIMIT_BYTES);
    expect(Buffer.byteLength(json)).toBeGreaterThan(RESULT_LIMIT_BYTES - 100);
    const kept = JSON.parse(json) as string;
    expect(text.endsWith(kept)).toBe(true);
    expect(Buffer.from(kept).toString()).toBe(kept);
  });

  it('that wrote JSON too deep to be shown is its text', () => {
    const text = '['.repeat(10_000) + ']'.repeat(10_000);
    expect(resultOf(text)).toBe(JSON.stringify(text));
  });

  it('that wrote more JSON than is kept is the end of its text', () => {
    expect(resultOf(JSON.stringify({ a: 'x'.repeat(100_000) }))).toMatch(/^"x+\\"}"$/);
  });
});
