import { Column, Entity, PrimaryColumn } from 'typeorm';
import { COUNT, PAYLOAD, text, TIME } from './column-kinds.js';

/** One stream of one attempt; a stream that nothing came on has no row. */
@Entity('ecron_output')
export class OutputRow {
  @PrimaryColumn(text(36)) execute_id: string;
  @PrimaryColumn(COUNT) attempt: number;
  @PrimaryColumn(text(8)) stream: string;
  /** Of the start that wrote last. */
  @Column(COUNT) epoch: number;
  @Column(PAYLOAD) head: string;
  @Column(PAYLOAD) tail: string;
  /** UTF-8 bytes of all that came, kept or not. */
  @Column(TIME) total_bytes: number;
  @Column(TIME) updated_at: number;
}
