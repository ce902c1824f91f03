import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  ValidateNested,
} from 'class-validator';
import { type JsonObject, NOTIFY_ON } from '@ecron/domain';
import { type ContextInput, type InfoInput } from '@ecron/jobs';
import { ToleratesUnknown } from '../http/check-body.js';
import { IsNumberOrTextList, IsTextMap } from '../http/validators.js';
import { AssertDto, TlsDto } from './http-info.dto.js';
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

  @ApiPropertyOptional({ type: TlsDto, description: 'HTTPS; shown only where it says something' })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => TlsDto)
  tls?: TlsDto | null;

  @ApiPropertyOptional({
    type: Number,
    minimum: 0,
    maximum: 20,
    example: 10,
    description: 'HTTP: redirects that are followed; 0: the redirect is the answer',
  })
  @IsOptional()
  @IsInt()
  max_redirects?: number | null;

  @ApiPropertyOptional({
    type: String,
    description: 'HTTP: sent as it is instead of body; text/plain where no header says otherwise',
  })
  @IsOptional()
  @IsString()
  body_text?: string | null;

  @ApiPropertyOptional({
    type: 'array',
    items: { oneOf: [{ type: 'integer' }, { type: 'string' }] },
    example: ['200-299', 304],
    description: 'HTTP: the statuses that are a success; left out, 200-299',
  })
  @IsOptional()
  @IsNumberOrTextList()
  success_codes?: (number | string)[] | null;

  @ApiPropertyOptional({ type: AssertDto, description: 'HTTP: what the answer must say' })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => AssertDto)
  assert?: AssertDto | null;

  @ApiPropertyOptional({
    type: Boolean,
    example: false,
    description:
      'HTTP: keep the head of each answer in attempts[].response_headers, not only that of failures',
  })
  @IsOptional()
  @IsBoolean()
  keep_head?: boolean | null;

  @ApiPropertyOptional({
    type: [String],
    example: ['authorization'],
    description:
      'Names of headers whose values are secrets: stored sealed, shown as "********"; sent back, that keeps the value. Left out, an edit keeps the names that are stored',
  })
  @IsOptional()
  @IsString({ each: true })
  @IsArray()
  @ArrayMaxSize(100)
  secret_headers?: string[] | null;

  @ApiPropertyOptional({
    type: Boolean,
    example: false,
    description:
      'body and body_text are secrets: stored sealed, shown as {"secret": "********"} and "********"; sent back, that keeps them. Left out, an edit keeps what is stored',
  })
  @IsOptional()
  @IsBoolean()
  secret_body?: boolean | null;
}

@ToleratesUnknown()
export class NotifyDto {
  @ApiPropertyOptional({
    type: String,
    example: '',
    description: 'Where the end of each run is told, signed (docs/webhooks.md); "" is nowhere',
  })
  @IsOptional()
  @IsString()
  webhook?: string | null;

  @ApiPropertyOptional({
    enum: NOTIFY_ON,
    example: 'always',
    description: 'Which ends: each, those that are no success, those that differ from the one before',
  })
  @IsOptional()
  @IsString()
  on?: string | null;

  @ApiPropertyOptional({
    type: String,
    readOnly: true,
    example: '2026-11-24T09:00:00Z',
    description: 'Only where the receiver has answered 410: nothing is told until the webhook is set anew',
  })
  @IsOptional()
  disabled_at?: unknown;
}

/** What to run and how. At most 10 240 bytes. */
@ToleratesUnknown()
export class JobContextDto implements ContextInput {
  @ApiProperty({ type: String, example: 'http', description: 'Which executor carries it out' })
  @IsOptional()
  @IsString()
  mode?: string | null;

  @ApiProperty({
    type: String,
    example: 'https://example.com/',
    description: 'HTTP: the URL; commands: the command line; other modes: docs/executors.md',
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
