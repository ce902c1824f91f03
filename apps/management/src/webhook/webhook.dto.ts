import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString } from 'class-validator';
import { FINAL_STATES } from '@ecron/domain';
import {
  DELIVERY_STATUSES,
  type DeliveryStatus,
  type DeliveryView,
  type NewSecretView,
  SECRET_KINDS,
  type SecretKind,
  type SecretView,
  type TestInput,
  type TestView,
} from '@ecron/notification';

const INSTANT = { type: String, example: '2026-11-24T09:00:00.003+08:00' } as const;
const TYPES = FINAL_STATES.map((state) => `execution.${state}`);

/** One result that was told, or is to be. */
export class DeliveryDto implements DeliveryView {
  @ApiProperty({
    example: '0197f0c4-0000-8000-8000-000000000000',
    description: 'The execution, and the webhook-id of each try',
  })
  delivery_id!: string;

  @ApiProperty({ example: '0197f0c4-0000-7000-8000-000000000000', description: '"" of a run of no job' })
  job_id!: string;

  @ApiProperty({ example: 'mock-client-id' })
  tenant_id!: string;

  @ApiProperty({ enum: TYPES, example: 'execution.succeeded' })
  type!: DeliveryView['type'];

  @ApiProperty({ example: 1, description: 'Counts the results of the job that are told' })
  sequence!: number;

  @ApiProperty({ enum: DELIVERY_STATUSES, example: 'delivered' })
  status!: DeliveryStatus;

  @ApiProperty({ example: 1, description: 'Tries since it was queued or replayed' })
  attempt!: number;

  @ApiProperty({ ...INSTANT, description: '"" where no further try is due' })
  next_attempt_at!: string;

  @ApiProperty(INSTANT)
  created_at!: string;

  @ApiProperty({ ...INSTANT, description: '"" while it is pending' })
  ended_at!: string;

  @ApiProperty({ type: Number, nullable: true, example: 204, description: 'Of the last answer' })
  status_code!: number | null;

  @ApiProperty({ example: '', description: 'Why the last try failed' })
  error!: string;
}

export class DeliveryPageDto {
  @ApiProperty({ type: [DeliveryDto] })
  items!: DeliveryDto[];

  @ApiProperty({ type: String, nullable: true, example: null })
  next_cursor!: string | null;
}

/** Either a job, whose webhook is meant, or a URL. */
export class WebhookTestDto implements TestInput {
  @ApiPropertyOptional({ type: String, example: '0197f0c4-0000-7000-8000-000000000000' })
  @IsOptional()
  @IsString()
  job_id?: string | null;

  @ApiPropertyOptional({ type: String, example: 'https://example.com/hook' })
  @IsOptional()
  @IsString()
  webhook?: string | null;
}

export class WebhookTestResultDto implements TestView {
  @ApiProperty({ example: 'test_5e0f0a0c-0000-4000-8000-000000000000' })
  webhook_id!: string;

  @ApiProperty({ example: true, description: 'Whether the receiver answered 2xx' })
  delivered!: boolean;

  @ApiProperty({ type: Number, nullable: true, example: 204 })
  status_code!: number | null;

  @ApiProperty({ example: '' })
  error!: string;
}

export class NewWebhookSecretDto {
  @ApiPropertyOptional({
    enum: SECRET_KINDS,
    example: 'symmetric',
    description: 'Left out: symmetric. ed25519: receivers need the public key only',
  })
  @IsOptional()
  @IsString()
  kind?: string | null;
}

/** What results are signed with. The secret itself is shown once, when it is made. */
export class WebhookSecretDto implements SecretView {
  @ApiProperty({ example: '0197f0c4-0000-7000-8000-000000000002' })
  secret_id!: string;

  @ApiProperty({ enum: SECRET_KINDS, example: 'symmetric' })
  kind!: SecretKind;

  @ApiProperty({ example: '', description: 'Of ed25519: whpk_…, what the receiver verifies with' })
  public_key!: string;

  @ApiProperty(INSTANT)
  created_at!: string;
}

export class MadeWebhookSecretDto extends WebhookSecretDto implements NewSecretView {
  @ApiProperty({ example: 'whsec_…', description: 'Of symmetric: shown here and never again' })
  secret!: string;
}

export class WebhookSecretPageDto {
  @ApiProperty({ type: [WebhookSecretDto] })
  items!: WebhookSecretDto[];

  @ApiProperty({ type: String, nullable: true, example: null })
  next_cursor!: null;
}
