import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  Allow,
  ArrayMaxSize,
  IsArray,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { JOB_STATUSES, JOB_TYPES, type JsonValue } from '@ecron/domain';
import { MAX_EXECUTOR_TEXT_LENGTH, MAX_EXECUTORS, type StatusInput } from '@ecron/jobs';
import { ToleratesUnknown } from '../http/check-body.js';

@ToleratesUnknown()
export class ExecutorDto {
  @ApiProperty({ type: String, example: 'worker-1', maxLength: MAX_EXECUTOR_TEXT_LENGTH })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_EXECUTOR_TEXT_LENGTH)
  executor_id?: string | null;

  @ApiProperty({ type: String, example: '2026-11-24T09:00:00+08:00' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_EXECUTOR_TEXT_LENGTH)
  executed_at?: string | null;
}

@ToleratesUnknown()
export class ExtInfoDto {
  @ApiPropertyOptional({ enum: [0, 1], readOnly: true })
  @Allow()
  is_deleted?: unknown;

  @ApiPropertyOptional({ type: String, readOnly: true })
  @Allow()
  tenant_id?: unknown;

  @ApiPropertyOptional({ nullable: true, description: 'Any JSON, at most 64 KiB', example: { rows: 7 } })
  @Allow()
  result?: JsonValue;
}

/** One execution in the words of old clients. */
@ToleratesUnknown()
export class StatusDto implements StatusInput {
  @ApiProperty({ type: String, example: 'report-2026-11-24', description: 'At most 36 characters' })
  @IsOptional()
  @IsString()
  execute_id?: string | null;

  @ApiProperty({ type: String, example: '0197f0c4-0000-7000-8000-000000000000' })
  @IsOptional()
  @IsString()
  job_id?: string | null;

  @ApiProperty({ enum: JOB_TYPES, example: 'scheduled' })
  @IsOptional()
  @IsString()
  job_type?: string | null;

  @ApiProperty({ type: String, example: 'weekday-report' })
  @IsOptional()
  @IsString()
  job_name?: string | null;

  @ApiProperty({ enum: JOB_STATUSES, example: 'success' })
  @IsOptional()
  @IsString()
  job_status?: string | null;

  @ApiProperty({ type: String, example: '2026-11-24T09:00:00+08:00' })
  @IsOptional()
  @IsString()
  begin_at?: string | null;

  @ApiProperty({ type: String, example: '2026-11-24T09:00:07+08:00', description: '"" while it goes on' })
  @IsOptional()
  @IsString()
  end_at?: string | null;

  @ApiProperty({ type: [ExecutorDto], maxItems: MAX_EXECUTORS })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_EXECUTORS)
  @ValidateNested({ each: true })
  @Type(() => ExecutorDto)
  executor?: ExecutorDto[] | null;

  @ApiProperty({ type: Number, example: 1 })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(1_000_000)
  execute_times?: number | null;

  @ApiProperty({ type: ExtInfoDto })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => ExtInfoDto)
  ext_info?: ExtInfoDto | null;
}
