import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsObject, IsOptional, IsString, ValidateNested } from 'class-validator';
import { JOB_MODES, type JsonObject } from '@ecron/domain';
import { type ContextInput, type InfoInput } from '@ecron/jobs';
import { ToleratesUnknown } from '../http/check-body.js';
import { IsTextMap } from '../http/validators.js';
import { PolicyDto } from './policy.dto.js';

const TEXT_MAP = { type: 'object', additionalProperties: { type: 'string' }, nullable: true } as const;
const FREE_OBJECT = { type: 'object', additionalProperties: true, nullable: true } as const;

@ToleratesUnknown()
export class JobInfoDto implements InfoInput {
  @ApiPropertyOptional({
    type: String,
    example: 'POST',
    description: 'HTTP: GET, POST, PUT, DELETE, PATCH or HEAD in any case of letters; empty is POST',
  })
  @IsOptional()
  @IsString()
  method?: string | null;

  @ApiPropertyOptional({
    ...TEXT_MAP,
    example: {},
    description: 'Commands: the values are further arguments',
  })
  @IsOptional()
  @IsTextMap()
  params?: Record<string, string> | null;

  @ApiPropertyOptional({ ...TEXT_MAP, example: { accept: 'application/json' }, description: 'HTTP headers' })
  @IsOptional()
  @IsTextMap()
  headers?: Record<string, string> | null;

  @ApiPropertyOptional({ ...FREE_OBJECT, example: { hello: 'world' }, description: 'HTTP: the JSON body' })
  @IsOptional()
  @IsObject()
  body?: JsonObject | null;

  @ApiPropertyOptional({
    ...FREE_OBJECT,
    example: null,
    description: 'Commands on Kubernetes: addr, port, image',
  })
  @IsOptional()
  @IsObject()
  kubernetes?: JsonObject | null;
}

@ToleratesUnknown()
export class NotifyDto {
  @ApiPropertyOptional({ type: String, example: '', description: 'Stored; "" is none' })
  @IsOptional()
  @IsString()
  webhook?: string | null;
}

/** What to run and how. At most 10 240 bytes. */
@ToleratesUnknown()
export class JobContextDto implements ContextInput {
  @ApiProperty({ enum: JOB_MODES, example: 'http' })
  @IsOptional()
  @IsString()
  mode?: string | null;

  @ApiProperty({
    type: String,
    example: 'https://example.com/',
    description: 'HTTP: the URL; else the command line',
  })
  @IsOptional()
  @IsString()
  exec?: string | null;

  @ApiPropertyOptional({ type: JobInfoDto })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => JobInfoDto)
  info?: JobInfoDto | null;

  @ApiPropertyOptional({ type: NotifyDto })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => NotifyDto)
  notify?: NotifyDto | null;

  @ApiPropertyOptional({
    type: String,
    example: '',
    description: 'No slot before it, RFC 3339; "" is no bound',
  })
  @IsOptional()
  @IsString()
  begin_at?: string | null;

  @ApiPropertyOptional({
    type: String,
    example: '',
    description: 'No slot after it, RFC 3339; "" is no bound',
  })
  @IsOptional()
  @IsString()
  end_at?: string | null;

  @ApiPropertyOptional({
    type: String,
    example: '',
    description: "Requests: an id of the caller's own, up to 36 characters",
  })
  @IsOptional()
  @IsString()
  execute_id?: string | null;

  @ApiPropertyOptional({
    type: PolicyDto,
    nullable: true,
    description: 'Answers show it complete. Left out, an edit keeps what is stored; null resets it',
  })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => PolicyDto)
  policy?: PolicyDto | null;
}
