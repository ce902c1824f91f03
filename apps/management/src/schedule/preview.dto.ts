import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, IsOptional, IsString, Max, Min } from 'class-validator';
import { type DstRule } from '@ecron/domain';
import { MAX_PREVIEW_COUNT, type PreviewInput, type SlotWarning } from '@ecron/jobs';

export class PreviewDto implements PreviewInput {
  @ApiProperty({ type: String, example: '0 0 9 * * 1-5' })
  @IsOptional()
  @IsString()
  job_cron_time?: string | null;

  @ApiPropertyOptional({
    type: String,
    example: 'Asia/Shanghai',
    description: 'IANA zone; left out: the configured one',
  })
  @IsOptional()
  @IsString()
  time_zone?: string | null;

  @ApiPropertyOptional({
    enum: ['default', 'robfig'],
    example: 'default',
    description: 'Rule for clock changes',
  })
  @IsOptional()
  @IsIn(['default', 'robfig'])
  dst?: DstRule | null;

  @ApiPropertyOptional({
    type: String,
    example: '2026-11-24T00:00:00+08:00',
    description: 'RFC 3339; left out: now',
  })
  @IsOptional()
  @IsString()
  after?: string | null;

  @ApiPropertyOptional({ type: Number, example: 5, minimum: 1, maximum: MAX_PREVIEW_COUNT, default: 10 })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MAX_PREVIEW_COUNT)
  count?: number | null;

  @ApiPropertyOptional({ type: String, example: '', description: 'What H hashes' })
  @IsOptional()
  @IsString()
  job_id?: string | null;
}

export class SlotWarningDto implements SlotWarning {
  @ApiProperty({ example: '2026-03-08T03:00:00-04:00' })
  slot!: string;

  @ApiProperty({ enum: ['dst_gap', 'dst_overlap'], example: 'dst_gap' })
  kind!: SlotWarning['kind'];

  @ApiProperty()
  text!: string;
}

export class PreviewAnswerDto {
  @ApiProperty({ type: [String], example: ['2026-11-24T09:00:00+08:00', '2026-11-25T09:00:00+08:00'] })
  slots!: string[];

  @ApiProperty({ type: [SlotWarningDto], example: [] })
  warnings!: SlotWarningDto[];
}
