import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString } from 'class-validator';

export class CancelDto {
  @ApiPropertyOptional({
    type: String,
    nullable: true,
    maxLength: 256,
    example: 'no longer needed',
    description: 'Kept as its error',
  })
  @IsOptional()
  @IsString()
  reason?: string | null;
}
