import { formatTraceparent, parseTraceparent, traceIdOf } from './trace-context.js';

const [TRACE, SPAN] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'];

describe('a traceparent', () => {
  it('is read and written as W3C Trace Context says', () => {
    const context = parseTraceparent(`00-${TRACE}-${SPAN}-01`);
    expect(context).toEqual({ traceId: TRACE, spanId: SPAN, traceFlags: 1, isRemote: true });
    expect(context && formatTraceparent(context)).toBe(`00-${TRACE}-${SPAN}-01`);
  });

  it('of a version to come is read as far as it is known', () => {
    expect(parseTraceparent(`cc-${TRACE}-${SPAN}-01-what-is-new`)).toMatchObject({ traceId: TRACE });
    expect(parseTraceparent(`cc-${TRACE}-${SPAN}-01.new`)).toBeNull();
  });

  it('passes on whether the trace is recorded, and no other flag', () => {
    const written = (flags: string): string | undefined => {
      const context = parseTraceparent(`00-${TRACE}-${SPAN}-${flags}`);
      return context === null ? undefined : formatTraceparent(context).slice(-2);
    };
    expect(['00', '01', 'fe', 'ff'].map(written)).toEqual(['00', '01', '00', '01']);
  });

  it.each([
    ['nothing', undefined],
    ['an empty text', ''],
    ['no trace', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['no span', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['the forbidden version', `ff-${TRACE}-${SPAN}-01`],
    ['more than its version has', `00-${TRACE}-${SPAN}-01-more`],
    ['upper case', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['two of them', `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`],
  ])('that is %s is none', (_, text) => {
    expect(parseTraceparent(text)).toBeNull();
  });
});

describe('the trace of an execution', () => {
  it('follows from its execute id, by what any shell can compute', () => {
    // printf 'execute-1' | sha256sum | cut -c-32
    expect(traceIdOf('execute-1')).toBe('e49cdec3bd6c9c606e264c9f65e93d96');
    expect(traceIdOf('execute-2')).not.toBe(traceIdOf('execute-1'));
  });
});
