import { type Outcome } from '@ecron/domain';
import { quoteLastLine } from '../command/classify-exit.js';
import { formatOutput } from '../command/text-result.js';
import { type OutputPart } from '../../output/output-part.js';
import { type JobEnd } from './job-end.js';
import { type ContainerEnd } from './pod-state.js';

const USUAL_REASONS = new Set(['BackoffLimitExceeded', '']);

/** What the end of a Job means for the attempt. */
export function classifyEnd(end: JobEnd, container: ContainerEnd | null, stdout: OutputPart): Outcome {
  const result = formatOutput(stdout.snapshot());
  if (end.kind === 'complete') return { kind: 'succeeded', exitCode: container?.exitCode ?? 0, result };
  if (end.kind === 'gone') {
    return { kind: 'failed', retryable: true, error: 'the Job was deleted in the cluster', result };
  }
  if (end.reason === 'DeadlineExceeded')
    return { kind: 'timedOut', error: 'the Job was ended at its deadline' };
  const exitCode = container === null ? {} : { exitCode: container.exitCode };
  const error = container === null ? describe(end) : describeExit(end.reason, container, stdout);
  return { kind: 'failed', retryable: true, ...exitCode, error, result };
}

function describe({ reason, message }: { reason: string; message: string }): string {
  return `the Job failed: ${[reason, message].filter(Boolean).join(': ')}`;
}

function describeExit(reason: string, { exitCode, reason: why }: ContainerEnd, stdout: OutputPart): string {
  const whys = [why, USUAL_REASONS.has(reason) ? '' : reason].filter(Boolean).join(', ');
  return `the program ended with ${exitCode}${whys === '' ? '' : ` (${whys})`}${quoteLastLine(stdout)}`;
}
