import { type INestApplication } from '@nestjs/common';

/** One of the two services, running. */
export interface Service {
  /** Where it listens, without a trailing slash. */
  url: string;
  /** Stops taking work, finishes what it has, closes. Idempotent. */
  stop(): Promise<void>;
}

/** The port cannot be listened on; the message is for the operator. */
export class ListenError extends Error {}

/** @param key the configuration key that moves the port */
export async function listen(
  app: INestApplication,
  host: string,
  port: number,
  key: string,
): Promise<string> {
  try {
    await app.listen(port, host);
  } catch (error) {
    const { code } = error as { code?: string };
    const why = code === 'EADDRINUSE' ? 'is taken' : `cannot be listened on (${code ?? String(error)})`;
    throw new ListenError(`port ${port} on ${host} ${why}: set ${key} to another one`);
  }
  const url = await app.getUrl();
  return url.replace('[::1]', 'localhost').replace(/\/$/, '');
}
