import { Controller, Get, Inject } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Requires } from '@ecron/auth';
import { CONFIG, type Config } from '@ecron/config';
import { formatInstant } from '@ecron/domain';
import { NodeClock, NodeStore, type NodeView } from '@ecron/nodes';
import { ApiRefusals } from '../http/api-errors.js';
import { API_PREFIX } from '../http/api-prefix.js';
import { type NodeDto, NodePageDto } from './node.dto.js';

@ApiTags('node')
@Controller(`${API_PREFIX}/node`)
export class NodeController {
  constructor(
    private readonly nodes: NodeStore,
    private readonly clock: NodeClock,
    @Inject(CONFIG) private readonly config: Pick<Config, 'timeZone'>,
  ) {}

  /** The nodes belong to no tenant, so only an admin sees them. */
  @Get()
  @Requires('ecron.admin')
  @ApiOperation({ summary: 'The processes of both services; for admins' })
  @ApiResponse({ status: 200, type: NodePageDto })
  @ApiRefusals()
  async list(): Promise<NodePageDto> {
    const nodes = await this.nodes.list(this.clock.now());
    return { items: nodes.map((node) => showNode(node, this.config.timeZone)), next_cursor: null };
  }
}

function showNode(node: NodeView, timeZone: string): NodeDto {
  return {
    node_id: node.nodeId,
    name: node.name,
    role: node.role,
    version: node.version,
    started_at: formatInstant(node.startedAt, timeZone),
    heartbeat_age_ms: node.heartbeatAgeMs,
    live: node.isLive,
    skew_ms: node.skewMs,
    running: node.capacity - node.free,
    capacity: node.capacity,
  };
}
