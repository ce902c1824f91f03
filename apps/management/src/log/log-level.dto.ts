import { ApiProperty } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { LOG_LEVELS, type LogLevelName } from '@ecron/observability';

export class LogLevelDto {
  @ApiProperty({ enum: LOG_LEVELS, example: 'debug', description: 'The least severe lines that are written' })
  @IsIn(LOG_LEVELS)
  level!: LogLevelName;
}

export class LogLevelAnswerDto extends LogLevelDto {
  @ApiProperty({
    example: 'ecron-management-7c9f',
    description: 'The node that answered: each has its own level',
  })
  node!: string;
}
