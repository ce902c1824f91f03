import { type ExecutionState } from '../execution/state.js';

/** Which results a job's webhook is told: each, those that are no success, or those that differ from the one before. */
export const NOTIFY_ON = ['always', 'failure', 'change'] as const;
export type NotifyOn = (typeof NOTIFY_ON)[number];

/** Whom to tell how runs have ended. */
export interface Notify {
  /** A URL; '' tells nobody. */
  webhook: string;
  /** Left out: `always`. */
  on?: NotifyOn;
  /** RFC 3339: since when the webhook is off because its receiver has answered 410. Only the service sets it. */
  disabled_at?: string;
}

/** What counts for `change`, of the last result that was one; '' before the first. */
export type NoticeOutcome = 'succeeded' | 'failed' | '';

/** '' for a slot that was skipped: it says nothing about how the job fares. */
export function outcomeOf(state: ExecutionState): NoticeOutcome {
  if (state === 'skipped') return '';
  return state === 'succeeded' ? 'succeeded' : 'failed';
}

/** Whether an end is told. The first result counts as a change. */
export function isNoticeWanted(on: NotifyOn, state: ExecutionState, last: NoticeOutcome): boolean {
  const outcome = outcomeOf(state);
  switch (on) {
    case 'always':
      return true;
    case 'failure':
      return outcome === 'failed';
    case 'change':
      return outcome !== '' && outcome !== last;
  }
}

const MAX_HOST_LENGTH = 255;

/** Host and port that a webhook is sent to; '' where it is no URL of http or https that can be. */
export function webhookHost(webhook: string): string {
  const url = URL.parse(webhook);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) return '';
  return url.host.length > MAX_HOST_LENGTH ? '' : url.host;
}
