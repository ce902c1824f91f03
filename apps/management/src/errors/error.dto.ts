import { ApiProperty } from '@nestjs/swagger';

/** The body of every answer that is not a success. */
export class ErrorDto {
  @ApiProperty({ description: 'English in every language', example: 'This job does not exist' })
  cause!: string;

  @ApiProperty({ description: 'The first three digits are the HTTP status', example: 404_009_001 })
  code!: number;

  @ApiProperty({ description: 'In the configured language', example: 'Not found.' })
  message!: string;

  @ApiProperty({
    type: Object,
    nullable: true,
    description: '`parameters`: the fields that are wrong; `conflicts`: what stands in the way',
    example: { conflicts: ['job_id'] },
  })
  detail!: object | null;
}
