import { Column, Entity, PrimaryColumn } from 'typeorm';
import { COUNT, text, TIME } from './column-kinds.js';

/** What a tenant has used of a quota; a row only where a quota has ever held. */
@Entity('ecron_quota')
export class QuotaRow {
  @PrimaryColumn(text(36)) quota_key: string;
  /** The minute that `used` counts; 0 where nothing is counted by the minute. */
  @Column({ ...TIME, default: 0 }) minute_at: number;
  @Column({ ...COUNT, default: 0 }) used: number;
}
