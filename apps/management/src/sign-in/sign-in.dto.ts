import { ApiProperty } from '@nestjs/swagger';
import { type Permission, PERMISSIONS } from '@ecron/auth';

/** Who is calling. */
export class CallerDto {
  @ApiProperty({ description: 'Whom the token was issued for' })
  user_id!: string;

  @ApiProperty({ description: 'The tenant, whose jobs the caller sees' })
  client_id!: string;

  @ApiProperty({ description: 'Sees the jobs of all tenants' })
  is_admin!: boolean;

  @ApiProperty({ type: String, isArray: true, enum: Object.keys(PERMISSIONS) })
  permissions!: Permission[];

  @ApiProperty({
    description: 'With a session: what each write has to bring in the header `x-csrf-token`. Else ""',
  })
  csrf_token!: string;
}
