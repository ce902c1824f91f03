/** Beyond it the oldest is forgotten, and named again when it is met again. */
const MAX_KNOWN = 1_000;

/**
 * Rows that no edit of ours can have written (by hand, by a restore). Each is named in the log once, by its id and the
 * rule that it breaks; whoever meets one goes on with the others.
 */
export class BadRows {
  private readonly known = new Set<string>();

  constructor(private readonly logger: { error(happening: { event: string; msg: string }): void }) {}

  /** How many are known: so many more have to be read to find as many good ones. */
  get size(): number {
    return this.known.size;
  }

  tell(row: string, rule: string): void {
    if (this.known.has(row)) return;
    if (this.known.size >= MAX_KNOWN) this.known.delete(this.known.keys().next().value ?? '');
    this.known.add(row);
    this.logger.error({
      event: 'row.unreadable',
      msg: `${row} is not as ECron writes it, the others go on without it: ${rule}`,
    });
  }
}
