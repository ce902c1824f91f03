import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsNumber,
  IsObject,
  IsOptional,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { type Completion, type DstRule, type NodeLostSetting } from '@ecron/domain';

const HOUR_S = 3600;
const DAY_S = 86_400;
/** No job has a use for more; beyond lies no timer and no column. */
const YEAR_S = 365 * DAY_S;

const MISFIRE = { policy: 'latest', grace_s: 60, window_s: HOUR_S, max: 10 };
const RETRY = { max_attempts: 3, base_s: 5, factor: 2, cap_s: HOUR_S, jitter: true };

export class MisfireDto {
  @ApiPropertyOptional({ enum: ['latest'], example: 'latest', description: 'Which late slots still run' })
  @IsOptional()
  @IsIn(['latest'])
  policy?: 'latest' | null;

  @ApiPropertyOptional({
    type: Number,
    example: 60,
    minimum: 0,
    description: 'Seconds after which a slot is late',
  })
  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(YEAR_S)
  grace_s?: number | null;

  @ApiPropertyOptional({
    type: Number,
    example: HOUR_S,
    minimum: 0,
    description: 'Seconds back that late slots may still run',
  })
  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(YEAR_S)
  window_s?: number | null;

  @ApiPropertyOptional({
    type: Number,
    example: 10,
    minimum: 0,
    maximum: 1000,
    description: 'Late slots that run at most',
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(1000)
  max?: number | null;
}

export class RetryDto {
  @ApiPropertyOptional({
    type: Number,
    example: 3,
    minimum: 1,
    maximum: 1000,
    description: 'Attempts in all; 1 is no retry',
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1000)
  max_attempts?: number | null;

  @ApiPropertyOptional({
    type: Number,
    example: 5,
    minimum: 0,
    description: 'Seconds before the second attempt',
  })
  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(DAY_S)
  base_s?: number | null;

  @ApiPropertyOptional({
    type: Number,
    example: 2,
    minimum: 1,
    description: 'How much longer each wait is than the one before',
  })
  @IsOptional()
  @IsNumber()
  @Min(1)
  @Max(100)
  factor?: number | null;

  @ApiPropertyOptional({
    type: Number,
    example: HOUR_S,
    minimum: 0,
    description: 'Seconds that a wait has at most',
  })
  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(YEAR_S)
  cap_s?: number | null;

  @ApiPropertyOptional({
    type: Boolean,
    example: true,
    description: 'Whether a wait is a random part of its length',
  })
  @IsOptional()
  @IsBoolean()
  jitter?: boolean | null;
}

/** How a job's executions behave; what is left out follows the deployment's defaults. */
export class PolicyDto {
  @ApiPropertyOptional({ enum: ['skip'], example: 'skip', description: 'A slot due during an earlier run' })
  @IsOptional()
  @IsIn(['skip'])
  overlap?: 'skip' | null;

  @ApiPropertyOptional({ type: MisfireDto, example: MISFIRE })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => MisfireDto)
  misfire?: MisfireDto | null;

  @ApiPropertyOptional({ type: RetryDto, example: RETRY })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => RetryDto)
  retry?: RetryDto | null;

  @ApiPropertyOptional({
    type: Number,
    example: 60,
    description:
      'Seconds for one attempt; left out 60 for HTTP (at most 1800), 3600 for commands, else as docs/executors.md says',
  })
  @IsOptional()
  @IsNumber()
  @Min(0.001)
  @Max(YEAR_S)
  timeout_s?: number | null;

  @ApiPropertyOptional({
    type: Number,
    example: DAY_S,
    description: 'Seconds over all attempts, from the first start',
  })
  @IsOptional()
  @IsNumber()
  @Min(0.001)
  @Max(YEAR_S)
  total_timeout_s?: number | null;

  @ApiPropertyOptional({
    enum: ['auto', 'response', 'callback'],
    example: 'auto',
    description: 'What ends an HTTP run. auto: 202 waits for the callback, another 2xx ends it',
  })
  @IsOptional()
  @IsIn(['auto', 'response', 'callback'])
  completion?: Completion | null;

  @ApiPropertyOptional({ type: Number, example: HOUR_S, description: 'Seconds that a callback may take' })
  @IsOptional()
  @IsNumber()
  @Min(0.001)
  @Max(YEAR_S)
  callback_timeout_s?: number | null;

  @ApiPropertyOptional({
    enum: ['retry', 'interrupt'],
    example: 'retry',
    description:
      'What becomes of an attempt whose node is lost or shuts down; left out retry for HTTP, interrupt for commands. Kubernetes Jobs are found again and followed to their end whatever this says',
  })
  @IsOptional()
  @IsIn(['retry', 'interrupt'])
  node_lost?: NodeLostSetting | null;

  @ApiPropertyOptional({
    enum: ['default', 'robfig'],
    example: 'default',
    description: 'Rule for clock changes',
  })
  @IsOptional()
  @IsIn(['default', 'robfig'])
  dst?: DstRule | null;
}
