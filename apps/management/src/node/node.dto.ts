import { ApiProperty } from '@nestjs/swagger';
import { NODE_ROLES, type NodeRole } from '@ecron/nodes';

/** One process of a service, as its last heartbeat described it. */
export class NodeDto {
  @ApiProperty({ example: '0197f0c4-0000-7000-8000-000000000001', description: 'New at each start' })
  node_id!: string;

  @ApiProperty({ example: 'ecron-management-0/1' })
  name!: string;

  @ApiProperty({ enum: NODE_ROLES, example: 'management' })
  role!: NodeRole;

  @ApiProperty({ example: '1.0.0' })
  version!: string;

  @ApiProperty({ example: '2026-11-24T09:00:00.003+08:00' })
  started_at!: string;

  @ApiProperty({ example: 240 })
  heartbeat_age_ms!: number;

  @ApiProperty({ example: true, description: 'False: it will be declared dead unless it is heard again' })
  live!: boolean;

  @ApiProperty({ example: -2, description: 'How far the clock of its machine is ahead of the shared one' })
  skew_ms!: number;

  @ApiProperty({ example: 12, description: 'Executions that it runs; 0 on an analysis node' })
  running!: number;

  @ApiProperty({ example: 1000, description: 'Executions that it runs at most; 0 on an analysis node' })
  capacity!: number;
}

export class NodePageDto {
  @ApiProperty({ type: [NodeDto] })
  items!: NodeDto[];

  @ApiProperty({ type: String, nullable: true, example: null, description: 'There is one page only' })
  next_cursor!: null;
}
