import { type Api } from './api.js';

/** The program under test: one process, or a cluster of them that is spoken to through one of its nodes. */
export interface App {
  /** Where its API and the health of its analysis are. */
  readonly management: string;
  readonly analysis: string;
  readonly api: Api;
  /** What its processes printed last. */
  output(): string;
  /** Starts it again, on its data and its ports, with another configuration if it is given. */
  boot(env?: Record<string, string>): Promise<void>;
  /** A graceful end of every process. */
  stop(): Promise<void>;
  kill(): Promise<void>;
  /** Stops it and removes its data. */
  discard(): Promise<void>;
}
