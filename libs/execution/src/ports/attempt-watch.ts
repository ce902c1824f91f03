import { type JobMode } from '@ecron/domain';
import { type AttemptRequest } from '../executor/executor.js';

/** Is told of each attempt as it goes out to its executor. Must be quick, and must not throw. */
export abstract class AttemptWatch {
  /** The function that it returns is called when the attempt has ended, however it ended. */
  abstract begin(mode: JobMode, attempt: AttemptRequest): () => void;
}
