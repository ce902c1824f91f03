import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsOptional, IsString, MaxLength } from 'class-validator';

/** `job_context.info.publish`. */
export class PublishOptionsDto {
  @ApiPropertyOptional({
    type: Boolean,
    example: false,
    description:
      'The message tells who it is from: {execute_id, job_id, slot, attempt, idempotency_key, body}',
  })
  @IsOptional()
  @IsBoolean()
  envelope?: boolean | null;

  @ApiPropertyOptional({
    type: String,
    example: null,
    description: 'Kafka: messages of one key stay in order',
  })
  @IsOptional()
  @IsString()
  @MaxLength(255)
  key?: string | null;
}
