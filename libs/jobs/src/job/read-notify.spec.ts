import { keepDisabled, readNotify } from './read-notify.js';

const HOOK = 'https://hook.test/';

describe('whom to tell results', () => {
  it.each([
    [{}, { webhook: '' }],
    [{ webhook: null, on: 'failure' }, { webhook: '' }],
    [{ webhook: HOOK }, { webhook: HOOK }],
    [{ webhook: HOOK, on: 'always' }, { webhook: HOOK }],
    [{ webhook: HOOK, on: '' }, { webhook: HOOK }],
    [
      { webhook: HOOK, on: 'change' },
      { webhook: HOOK, on: 'change' },
    ],
  ])('of %j is kept as %j', (input, notify) => {
    expect(readNotify(input, '')).toEqual(notify);
  });

  it('is refused where the filter is unknown', () => {
    const read = () => readNotify({ webhook: HOOK, on: 'never' }, 'job_context.notify.');
    expect(read).toThrow('job_context.notify.on must be one of always, failure, change');
  });

  it('stays disabled by an edit that leaves the address alone, and only then', () => {
    const stored = { webhook: HOOK, disabled_at: '2026-11-24T09:00:00Z' };
    expect(keepDisabled({ webhook: HOOK, on: 'failure' }, stored)).toEqual({ ...stored, on: 'failure' });
    expect(keepDisabled({ webhook: 'https://other.test/' }, stored)).toEqual({
      webhook: 'https://other.test/',
    });
    expect(keepDisabled({ webhook: HOOK }, { webhook: HOOK })).toEqual({ webhook: HOOK });
  });
});
