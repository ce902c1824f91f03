import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Requires } from '@ecron/auth';
import { type Caller, LedgerService, type Page, type SlotView } from '@ecron/jobs';
import { ApiRefusals } from '../http/api-errors.js';
import { API_PREFIX } from '../http/api-prefix.js';
import { CurrentCaller } from '../http/current-caller.js';
import { first, type RawQuery, refuseOthers } from '../http/query.js';
import { SlotPageDto } from './slot.dto.js';

const NAMES = ['from', 'to', 'limit', 'cursor'] as const;

@ApiTags('job')
@Controller(`${API_PREFIX}/job/:job_id/slot`)
export class SlotController {
  constructor(private readonly ledger: LedgerService) {}

  @Get()
  @Requires('ecron.job.read')
  @ApiOperation({ summary: 'What became of each slot of a job, oldest first' })
  @ApiQuery({ name: 'from', required: false, description: 'RFC 3339; default: 24 h before `to`' })
  @ApiQuery({ name: 'to', required: false, description: 'RFC 3339, exclusive; default: now' })
  @ApiQuery({ name: 'limit', required: false, description: 'Default 50, at most 500' })
  @ApiQuery({ name: 'cursor', required: false, description: 'next_cursor of the page before' })
  @ApiResponse({ status: 200, type: SlotPageDto })
  @ApiRefusals(400, 404)
  list(
    @CurrentCaller() caller: Caller,
    @Param('job_id') jobId: string,
    @Query() query: RawQuery,
  ): Promise<Page<SlotView>> {
    refuseOthers(query, NAMES);
    return this.ledger.slots(caller, jobId, {
      from: first(query, 'from'),
      to: first(query, 'to'),
      limit: first(query, 'limit'),
      cursor: first(query, 'cursor'),
    });
  }
}
