import { AUDIT_ACTIONS, AUDIT_OBJECTS, AUDIT_SOURCES } from '@ecron/domain';
import { type AuditView } from '@ecron/jobs';
import { ApiProperty } from '@nestjs/swagger';

export class AuditDto implements AuditView {
  @ApiProperty()
  audit_id: string;

  @ApiProperty({ example: '2026-11-24T09:00:00.123Z' })
  at: string;

  @ApiProperty({ description: 'Whose object was changed' })
  tenant_id: string;

  @ApiProperty({ description: 'Who changed it; "" where it came by the queue' })
  user_id: string;

  @ApiProperty({ description: 'The tenant that this user worked for' })
  client_id: string;

  @ApiProperty({ description: 'X-Request-Id of the call; of a message of the queue its execute id' })
  request_id: string;

  @ApiProperty({ enum: AUDIT_SOURCES })
  source: AuditView['source'];

  @ApiProperty({ enum: AUDIT_ACTIONS })
  action: AuditView['action'];

  @ApiProperty({ enum: AUDIT_OBJECTS })
  object: AuditView['object'];

  @ApiProperty()
  object_id: string;

  @ApiProperty({ description: 'SHA-256 of the object as it was; "" where there was none' })
  before_hash: string;

  @ApiProperty({ description: 'SHA-256 of the object as it is; "" where there is none' })
  after_hash: string;

  @ApiProperty({
    type: [String],
    example: ['job_context.info.headers.authorization', 'job_cron_time'],
    description: 'Names of what has changed, never values; empty where all is new or gone',
  })
  fields: string[];

  @ApiProperty({ example: 'changed' })
  result: string;
}

export class AuditPageDto {
  @ApiProperty({ type: [AuditDto] })
  items: AuditDto[];

  @ApiProperty({ type: String, nullable: true, description: 'Asks for the next page; null on the last' })
  next_cursor: string | null;
}
