import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ATTEMPT_OUTCOMES,
  type AttemptOutcome,
  EXECUTION_STATES,
  JOB_STATUSES,
  JOB_TYPES,
  type JsonValue,
  REASONS,
  TRIGGERS,
} from '@ecron/domain';
import { type AttemptView, type ExecutionView } from '@ecron/jobs';

const INSTANT = { type: String, example: '2026-11-24T09:00:00.003+08:00' } as const;

export class AttemptDto implements AttemptView {
  @ApiProperty({ example: 1 })
  attempt!: number;

  @ApiProperty({ example: '0197f0c4-0000-7000-8000-000000000001' })
  node_id!: string;

  @ApiProperty(INSTANT)
  started_at!: string;

  @ApiProperty(INSTANT)
  ended_at!: string;

  @ApiProperty({ enum: ATTEMPT_OUTCOMES, example: 'succeeded' })
  outcome!: AttemptOutcome;

  @ApiPropertyOptional({ example: 200 })
  status_code?: number;

  @ApiPropertyOptional({ example: 0, description: 'Of a command that has ended by itself' })
  exit_code?: number;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { 'content-type': 'application/json' },
    description:
      'Head of the HTTP answer, at most some 2 KB: of a failure, and of each where the job says keep_head',
  })
  response_headers?: Record<string, string>;

  @ApiPropertyOptional({ example: '' })
  error?: string;
}

/** One run of a job, or the fate of a range of its slots. Instants in the job's zone, "" where there is none. */
export class ExecutionDto implements ExecutionView {
  @ApiProperty({ example: '0197f0c4-0000-8000-8000-000000000000' })
  execute_id!: string;

  @ApiProperty({ example: '0197f0c4-0000-7000-8000-000000000000' })
  job_id!: string;

  @ApiProperty({ example: 'weekday-report' })
  job_name!: string;

  @ApiProperty({ enum: [...JOB_TYPES, ''], example: 'scheduled' })
  job_type!: ExecutionView['job_type'];

  @ApiProperty({ example: 'mock-client-id' })
  tenant_id!: string;

  @ApiProperty({ enum: TRIGGERS, example: 'schedule' })
  trigger!: ExecutionView['trigger'];

  @ApiProperty({ example: '2026-11-24T09:00:00+08:00', description: '"" for a request' })
  slot_at!: string;

  @ApiProperty({ enum: EXECUTION_STATES, example: 'succeeded' })
  state!: ExecutionView['state'];

  @ApiProperty({ enum: REASONS, example: '' })
  reason!: ExecutionView['reason'];

  @ApiProperty({ enum: [...JOB_STATUSES, ''], example: 'success', description: 'The old word for the state' })
  job_status!: ExecutionView['job_status'];

  @ApiProperty({ example: 1, description: '0 before the first start' })
  attempt!: number;

  @ApiProperty({ example: 3 })
  max_attempts!: number;

  @ApiProperty({ example: '', description: 'When a retry is due' })
  not_before!: string;

  @ApiProperty(INSTANT)
  queued_at!: string;

  @ApiProperty({ ...INSTANT, description: 'The first start' })
  started_at!: string;

  @ApiProperty(INSTANT)
  ended_at!: string;

  @ApiProperty({ type: Number, nullable: true, example: 3, description: 'First start minus slot' })
  lateness_ms!: number | null;

  @ApiProperty({ type: [AttemptDto], description: 'The ended ones' })
  attempts!: AttemptDto[];

  @ApiProperty({
    type: Object,
    nullable: true,
    description: 'What the target or its callback gave',
    example: { rows: 7 },
  })
  result!: JsonValue;

  @ApiProperty({ example: '' })
  error!: string;

  @ApiPropertyOptional({ description: 'Of a range of slots only: its last one' })
  slot_to?: string;

  @ApiPropertyOptional({ type: Number, nullable: true, description: 'Of a range only; null until counted' })
  count?: number | null;
}

export class ExecutionPageDto {
  @ApiProperty({ type: [ExecutionDto] })
  items!: ExecutionDto[];

  @ApiProperty({ type: String, nullable: true, example: null })
  next_cursor!: string | null;
}
