import { type TenantScope } from '@ecron/domain';

export const OUTPUT_STREAMS = ['stdout', 'stderr'] as const;
export type OutputStream = (typeof OUTPUT_STREAMS)[number];

/** One stream of one attempt. */
export interface OutputKey {
  executeId: string;
  attempt: number;
  stream: OutputStream;
}

/** What a stream has come to; replaces what was written of it before. */
export interface OutputPiece extends OutputKey {
  /** Of the start that writes: one before it is refused. */
  epoch: number;
  /** Null: as it was. */
  head: string | null;
  tail: string;
  /** Of all that came, in UTF-8 bytes. */
  totalBytes: number;
  updatedAt: number;
}

/** A stream as stored. */
export interface StoredOutput extends OutputKey {
  head: string;
  tail: string;
  totalBytes: number;
  updatedAt: number;
}

/** How much there is of an execution's output, and whether more can come. */
export interface OutputProgress {
  executeId: string;
  /** The execution's state; null where there is no such execution. */
  state: string | null;
  streams: { attempt: number; stream: OutputStream; totalBytes: number }[];
}

/** What commands and pods have written, beginning and end. Of another tenant's execution there is nothing. */
export abstract class OutputStore {
  /** One transaction. A piece of a start that another one has followed writes nothing. */
  abstract write(pieces: readonly OutputPiece[]): Promise<void>;
  /** Every stream of the attempt that wrote last, stdout first. */
  abstract readLast(scope: TenantScope, executeId: string): Promise<StoredOutput[]>;
  /** Every stream of an attempt, stdout first. */
  abstract read(scope: TenantScope, executeId: string, attempt: number): Promise<StoredOutput[]>;
  /** For many callers at a time, each of whom has been let see its execution. The state is read before the streams: of an execution that has ended, the streams are complete. */
  abstract look(executeIds: readonly string[]): Promise<OutputProgress[]>;
}
