import { type Outcome } from '@ecron/domain';
import { refuse } from '../../executor/refuse.js';
import { type OutputPart } from '../../output/output-part.js';
import { type OutputStream } from '../../output/output.store.js';
import { type Exit } from './running-command.js';
import { formatOutput } from './text-result.js';

/** What no further attempt can mend. */
const HOPELESS = new Set([
  'ENOENT',
  'EACCES',
  'EPERM',
  'ENOEXEC',
  'ENOTDIR',
  'ELOOP',
  'E2BIG',
  'ERR_INVALID_ARG_VALUE',
]);
const MAX_QUOTE_CHARS = 300;

/** What the end of a program means: 0 is good, anything else a failed attempt. */
export function classifyExit(exit: Exit, streams: Record<OutputStream, OutputPart>): Outcome {
  if (exit.kind === 'not started') return failStart(exit.error);
  const result = formatOutput(streams.stdout.snapshot());
  if (exit.code === 0) return { kind: 'succeeded', exitCode: 0, result };
  const how = exit.code === null ? `was ended by ${exit.signal}` : `ended with ${exit.code}`;
  const error = `the program ${how}${quoteLastLine(streams.stderr)}`;
  const exitCode = exit.code === null ? {} : { exitCode: exit.code };
  return { kind: 'failed', retryable: true, ...exitCode, error, result };
}

function failStart({ code, message }: NodeJS.ErrnoException): Outcome {
  const error = `the program cannot be started: ${code ?? message}`;
  if (HOPELESS.has(code ?? '')) return refuse('bad target', error);
  return { kind: 'failed', retryable: true, error, result: null };
}

/** What a program says last is mostly why it failed. */
export function quoteLastLine(stream: OutputPart): string {
  const { head, tail } = stream.snapshot();
  const line = (tail === '' ? head : tail).trimEnd().split('\n').at(-1)?.trim() ?? '';
  return line === '' ? '' : `: ${line.slice(0, MAX_QUOTE_CHARS)}`;
}
