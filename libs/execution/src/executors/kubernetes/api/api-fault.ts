const MAX_CHARS = 300;

/**
 * A refusal by the API server. The message is what the server says of it, one short line; neither headers nor bodies are
 * kept, since both can hold what must not be shown.
 */
export class ApiFault extends Error {
  override readonly name = 'ApiFault';

  constructor(
    /** The HTTP status. */
    readonly status: number,
    /** The API's own word, such as `AlreadyExists`; '' where the answer is not one of the API. */
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }
}

/** @param text the body of an answer of 400 or more */
export function toFault(status: number, text: string): ApiFault {
  const { reason, message } = readStatus(text);
  const line = (message ?? '').split('\n', 1)[0]?.slice(0, MAX_CHARS) ?? '';
  return new ApiFault(status, reason ?? '', line === '' ? `status ${status}` : line);
}

function readStatus(text: string): { reason?: string; message?: string } {
  try {
    const status = JSON.parse(text) as { kind?: string; reason?: string; message?: string };
    return status.kind === 'Status' ? status : {};
  } catch {
    return {};
  }
}
