import { type HttpAssertion, type JsonValue } from '@ecron/domain';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Allow, IsBoolean, IsOptional, IsString } from 'class-validator';

/** Nothing of it is used at another origin, where a redirect leads to. */
export class TlsDto {
  @ApiPropertyOptional({
    type: Boolean,
    example: true,
    description: 'false: the certificate of the target is not verified',
  })
  @IsOptional()
  @IsBoolean()
  verify?: boolean | null;

  @ApiPropertyOptional({
    type: String,
    description: 'Certificates in PEM that vouch for the target, instead of all that are trusted otherwise',
  })
  @IsOptional()
  @IsString()
  ca?: string | null;

  @ApiPropertyOptional({
    type: String,
    description: "The client's certificate in PEM, with those between it and its root; goes with key",
  })
  @IsOptional()
  @IsString()
  cert?: string | null;

  @ApiPropertyOptional({
    type: String,
    description: 'The private key of cert in PEM. Answers show "********"; sent back, that keeps the key',
  })
  @IsOptional()
  @IsString()
  key?: string | null;
}

/** Each member that is set must hold, else the attempt has failed. */
export class AssertDto implements Omit<HttpAssertion, 'json_path' | 'matches'> {
  @ApiPropertyOptional({
    type: String,
    example: '$.status',
    description:
      'Path to one value of a JSON answer (RFC 9535, names and indexes only). Alone: it must be there',
  })
  @IsOptional()
  @IsString()
  json_path?: string | null;

  @ApiPropertyOptional({
    example: 'ok',
    nullable: true,
    description: 'What the value must be; any JSON but null',
  })
  @Allow()
  equals?: JsonValue;

  @ApiPropertyOptional({
    type: String,
    example: '^ok',
    description:
      'Regular expression (RE2) to be found in the value, or, without json_path, in the text of the answer; the first 16 KB are looked at',
  })
  @IsOptional()
  @IsString()
  matches?: string | null;
}
