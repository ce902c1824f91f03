import { isNoticeWanted, type NoticeOutcome, type NotifyOn, webhookHost } from './notify.js';
import { type ExecutionState, FINAL_STATES } from '../execution/state.js';

const told = (on: NotifyOn, last: NoticeOutcome = ''): ExecutionState[] =>
  FINAL_STATES.filter((state) => isNoticeWanted(on, state, last));

describe('a webhook is told', () => {
  it('of every end by default', () => {
    expect(told('always', 'succeeded')).toEqual(FINAL_STATES);
  });

  it('of failures only: what succeeded or was skipped is none', () => {
    expect(told('failure')).toEqual(['failed', 'abandoned', 'interrupted', 'missed']);
  });

  it.each<[NoticeOutcome, ExecutionState[]]>([
    ['', ['succeeded', 'failed', 'abandoned', 'interrupted', 'missed']],
    ['succeeded', ['failed', 'abandoned', 'interrupted', 'missed']],
    ['failed', ['succeeded']],
  ])('of changes: after "%s" of %j', (last, states) => {
    expect(told('change', last)).toEqual(states);
  });
});

describe('the host of a webhook', () => {
  it.each([
    ['https://A.test/x', 'a.test'],
    ['http://a.test:8080/', 'a.test:8080'],
    ['http://[::1]:1/', '[::1]:1'],
    ['', ''],
    ['no url', ''],
    ['ftp://a.test/', ''],
    [`http://${'a'.repeat(256)}/`, ''],
  ])('of %s is "%s"', (webhook, host) => {
    expect(webhookHost(webhook)).toBe(host);
  });
});
