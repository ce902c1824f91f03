/** What goes to `DEAD_LETTER_TOPIC`. */
export interface DeadLetter {
  topic: string;
  /** The channel or consumer group that could not use the message; others may have. */
  channel: string;
  error: string;
  /** The message's text as it came, cut at 256 KB, so that the letter fits into a message itself. */
  message: string;
  /** RFC 3339, UTC. */
  at: string;
}

/** The message is no JSON object, so no handler is asked and no redelivery can help. */
export class MalformedMessageError extends Error {
  override readonly name = 'MalformedMessageError';

  constructor() {
    // Not the parser's own words: those quote the message, which may hold what no log should show.
    super('no JSON object');
  }
}

const MAX_TEXT_CHARS = 256 * 1024;

export function writeDeadLetter(
  from: { topic: string; channel: string },
  text: string,
  error: unknown,
  at: Date,
): DeadLetter {
  const message = text.slice(0, MAX_TEXT_CHARS);
  return { ...from, error: describeError(error), message, at: at.toISOString() };
}

/** One line. Nest hands on what its filters made of an error: an object with a `message`. */
export function describeError(error: unknown): string {
  if (error instanceof MalformedMessageError) return error.message;
  if (error instanceof Error) return String(error);
  const message: unknown = typeof error === 'object' && error !== null && 'message' in error && error.message;
  return typeof message === 'string' ? message : String(error);
}

/** @throws {MalformedMessageError} */
export function parseMessage(text: string): object {
  const message = parseOrNull(text);
  if (typeof message !== 'object' || message === null || Array.isArray(message)) {
    throw new MalformedMessageError();
  }
  return message;
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
