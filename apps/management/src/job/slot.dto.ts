import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { EXECUTION_STATES } from '@ecron/domain';
import { type Fate, type SlotView } from '@ecron/jobs';

export class SlotDto implements SlotView {
  @ApiProperty({ example: '2026-11-24T09:00:00+08:00' })
  slot_at!: string;

  @ApiProperty({
    enum: [...EXECUTION_STATES, 'due', 'planned', 'lost'],
    example: 'succeeded',
    description:
      'The state of its execution; without one `due` (passed, not claimed yet), `planned` (ahead) or `lost` (never happens)',
  })
  fate!: Fate;

  @ApiProperty({ example: '' })
  reason!: string;

  @ApiProperty({ example: '0197f0c4-0000-8000-8000-000000000000', description: '"" where there is none' })
  execute_id!: string;

  @ApiProperty({ type: Number, nullable: true, example: 3, description: 'First start minus slot' })
  lateness_ms!: number | null;

  @ApiPropertyOptional({ description: 'Of a range of slots only: its last one' })
  slot_to?: string;

  @ApiPropertyOptional({ type: Number, nullable: true, description: 'Of a range only; null until counted' })
  count?: number | null;
}

export class SlotPageDto {
  @ApiProperty({ type: [SlotDto] })
  items!: SlotDto[];

  @ApiProperty({ type: String, nullable: true, example: null })
  next_cursor!: string | null;
}
