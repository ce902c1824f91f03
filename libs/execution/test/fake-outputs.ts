import {
  type OutputPiece,
  type OutputProgress,
  OutputStore,
  type StoredOutput,
} from '../src/output/output.store.js';
import { Signal } from './fakes.js';

/** Keeps every write. */
export class FakeOutputs extends OutputStore {
  readonly signal = new Signal();
  readonly batches: OutputPiece[][] = [];
  onWrite: (pieces: readonly OutputPiece[]) => Promise<void> = async () => undefined;

  async write(pieces: readonly OutputPiece[]): Promise<void> {
    await this.onWrite(pieces);
    this.batches.push([...pieces]);
    this.signal.changed();
  }

  get pieces(): OutputPiece[] {
    return this.batches.flat();
  }

  read = async (): Promise<StoredOutput[]> => [];
  readLast = async (): Promise<StoredOutput[]> => [];
  look: (executeIds: readonly string[]) => Promise<OutputProgress[]> = async () => [];
}
