/** The columns' types, in one place. */
interface Varchar {
  type: 'varchar';
  length: number;
  default?: string;
}

/** Up to 16 MB of text; its type is what the database calls that (see rowsFor). */
export const PAYLOAD = { type: 'text' } as const;
export const COUNT = { type: 'integer' } as const;
/** Epoch milliseconds. */
export const TIME = { type: 'bigint' } as const;
export const TIME_OR_NULL = { type: 'bigint', nullable: true } as const;
export const text = (length: number, more: { default?: string } = {}): Varchar => ({
  type: 'varchar',
  length,
  ...more,
});
