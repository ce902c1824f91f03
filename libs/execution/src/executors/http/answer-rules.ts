import {
  type ContextFault,
  DEFAULT_MAX_REDIRECTS,
  type HttpInfo,
  type StatusRange,
  successRanges,
} from '@ecron/domain';
import { Assertion } from './assertion.js';

/** What a job makes of its answers. */
export interface AnswerRules {
  maxRedirects: number;
  successes: readonly StatusRange[];
  assertion: Assertion | null;
  keepsHead: boolean;
}

export function readAnswerRules(info: HttpInfo): AnswerRules | ContextFault {
  const assertion = info.assert === undefined ? null : Assertion.compile(info.assert);
  if (assertion !== null && 'rule' in assertion) return assertion;
  return {
    maxRedirects: info.max_redirects ?? DEFAULT_MAX_REDIRECTS,
    successes: successRanges(info.success_codes),
    assertion,
    keepsHead: info.keep_head ?? false,
  };
}
