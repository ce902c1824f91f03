import { ApiHideProperty, ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { Allow, IsBoolean, IsObject, IsOptional, IsString, ValidateNested } from 'class-validator';
import { NOTIFY_ON } from '@ecron/domain';
import { type JobInput } from '@ecron/jobs';
import { ToleratesUnknown } from '../http/check-body.js';
import { IsNotYetKnown } from '../http/validators.js';
import { JobContextDto } from './job-context.dto.js';

const SET_BY_SERVER = 'Set by the server, ignored in a body';

/** A job. */
@ToleratesUnknown()
export class JobDto implements JobInput {
  @ApiPropertyOptional({ type: String, readOnly: true, description: SET_BY_SERVER })
  @IsOptional()
  @IsString()
  job_id?: string | null;

  @ApiProperty({
    type: String,
    example: 'weekday-report',
    description: '1 to 64 characters, unique in the tenant',
  })
  @IsOptional()
  @IsString()
  job_name?: string | null;

  @ApiProperty({
    type: String,
    example: '0 0 9 * * 1-5',
    description:
      'Cron with 5, 6 (seconds first) or 7 fields, a macro such as @daily, `@every 1h30m`, or for `timed` an RFC 3339 instant; at most 128 characters',
  })
  @IsOptional()
  @IsString()
  job_cron_time?: string | null;

  @ApiProperty({ enum: ['timed', 'scheduled', 'real-time', 'cron'], example: 'scheduled' })
  @IsOptional()
  @IsString()
  job_type?: string | null;

  @ApiProperty({ type: JobContextDto })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => JobContextDto)
  job_context?: JobContextDto | null;

  @ApiPropertyOptional({ type: String, readOnly: true, description: SET_BY_SERVER })
  @Allow()
  tenant_id?: unknown;

  @ApiPropertyOptional({ type: Boolean, example: true, description: 'Left out: false' })
  @IsOptional()
  @IsBoolean()
  enabled?: boolean | null;

  @ApiPropertyOptional({ type: String, example: '', description: 'At most 256 characters' })
  @IsOptional()
  @IsString()
  remarks?: string | null;

  @ApiPropertyOptional({ type: String, readOnly: true, description: SET_BY_SERVER })
  @Allow()
  created_at?: unknown;

  @ApiPropertyOptional({ type: String, readOnly: true, description: SET_BY_SERVER })
  @Allow()
  updated_at?: unknown;

  @ApiPropertyOptional({
    type: String,
    example: 'Asia/Shanghai',
    description: 'IANA zone; left out or "" the configured one. Left out, an edit keeps what is stored',
  })
  @IsOptional()
  @IsString()
  time_zone?: string | null;

  @ApiPropertyOptional({
    type: String,
    readOnly: true,
    description: `The first slot without an execution, "" when nothing is due. ${SET_BY_SERVER}`,
  })
  @Allow()
  next_slot_at?: unknown;

  @ApiHideProperty()
  @IsOptional()
  @IsNotYetKnown()
  labels?: unknown;
}

/** What a run is asked for: `job_id` alone for a stored job, or a context of its own. */
export class JobRequestDto extends JobDto {
  @ApiPropertyOptional({ type: String, example: '0197f0c4-0000-7000-8000-000000000000' })
  declare job_id?: string | null;
}

export class EnableDto {
  @ApiProperty({ example: true })
  @IsBoolean()
  enable!: boolean;
}

export class WebhookDto {
  @ApiPropertyOptional({
    type: String,
    example: 'https://example.com/',
    description: 'Left out or "" clears it; one that its receiver had disabled (410) is on again',
  })
  @IsOptional()
  @IsString()
  webhook?: string | null;

  @ApiPropertyOptional({ enum: NOTIFY_ON, example: 'always', description: 'Left out, it stays as it is' })
  @IsOptional()
  @IsString()
  on?: string | null;
}

export class JobCreatedDto {
  @ApiProperty({ example: '0197f0c4-0000-7000-8000-000000000000' })
  job_id!: string;
}

export class JobTotalDto {
  @ApiProperty({ example: 42 })
  total!: number;

  @ApiProperty({ example: '2026-11-24T09:00:00+08:00', description: 'Now' })
  timestamp!: string;
}

export class FailedJobsDto {
  @ApiProperty({ type: [String], example: [], description: 'Jobs that were not touched' })
  failed_job_id!: string[];
}
