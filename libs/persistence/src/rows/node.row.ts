import { Column, Entity, PrimaryColumn } from 'typeorm';
import { COUNT, PAYLOAD, text, TIME } from './column-kinds.js';

/** One process, new for each start. */
@Entity('ecron_node')
export class NodeRow {
  @PrimaryColumn(text(36)) node_id: string;
  @Column(text(255)) name: string;
  @Column(text(16)) role: string;
  /** Of the program that it runs. */
  @Column(text(64, { default: '' })) version: string;
  @Column(TIME) started_at: number;
  @Column(TIME) heartbeat_at: number;
  @Column(COUNT) capacity: number;
  @Column(TIME) hold_until: number;
  @Column(COUNT) free_capacity: number;
  /** How far the clock of its machine is ahead of the shared one, in milliseconds. */
  @Column({ ...TIME, default: 0 }) skew_ms: number;
  @Column(TIME) highest_time: number;
}

/** What the deployment remembers of itself, by name. */
@Entity('ecron_meta')
export class MetaRow {
  @PrimaryColumn(text(64)) name: string;
  @Column(PAYLOAD) value: string;
}
