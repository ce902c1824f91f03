import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { COUNT, text, TIME } from './column-kinds.js';

const ZERO = { ...COUNT, default: 0 };

/** A tenant or a host whose executions, or starts, are counted; a row only where a cap has ever held. */
@Entity('ecron_cap')
@Index('ix_cap_queued', ['queued', 'cap_key'])
export class CapRow {
  @PrimaryColumn(text(36)) cap_key: string;
  /** Its rows in {@link CapPlaceRow}; of a rate the starts in the minute of `minute_at`. */
  @Column(ZERO) used: number;
  /** As it was when a run last asked. */
  @Column(COUNT) cap_limit: number;
  /** 1: runs may be waiting for a place, and whoever comes waits behind them. */
  @Column(ZERO) queued: number;
  /** The queue whose run got a place last. */
  @Column(text(36, { default: '' })) turn: string;
  /** Of a rate: the minute that `used` counts. Else 0. */
  @Column({ ...TIME, default: 0 }) minute_at: number;
}

/** A place under a cap, taken for one start of an execution. */
@Entity('ecron_cap_place')
@Index('ix_cap_place_key', ['cap_key'])
export class CapPlaceRow {
  @PrimaryColumn(text(36)) execute_id: string;
  @PrimaryColumn(text(36)) cap_key: string;
  /** That the execution has after that start. */
  @PrimaryColumn(COUNT) epoch: number;
}
