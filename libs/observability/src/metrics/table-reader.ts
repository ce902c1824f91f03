import { type TableFigures } from './figures.js';

/** Whoever asks within this time gets what the one before got. */
const MAX_AGE_MS = 3_000;
/** Beyond it the figures are left out; they may be there for who asks next. */
const PATIENCE_MS = 2_000;

/** Reads whole tables for whoever asks, one reading at a time and not too often. Never fails. */
export class TableReader {
  private figures: TableFigures | null = null;
  private readAt = -Infinity;
  private reading: Promise<void> | null = null;

  constructor(
    private readonly read: () => Promise<TableFigures>,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Null: they could not be read, or not in time. */
  async get(): Promise<TableFigures | null> {
    if (this.now() - this.readAt < MAX_AGE_MS) return this.figures;
    this.reading ??= this.readOnce();
    return (await isDoneWithin(PATIENCE_MS, this.reading)) ? this.figures : null;
  }

  private async readOnce(): Promise<void> {
    this.figures = await this.read().catch(() => null);
    this.readAt = this.now();
    this.reading = null;
  }
}

async function isDoneWithin(ms: number, work: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  return Promise.race([work.then(() => true), late]).finally(() => clearTimeout(timer));
}
