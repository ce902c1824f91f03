import { Requires } from '@ecron/auth';
import { AUDIT_ACTIONS, AUDIT_OBJECTS } from '@ecron/domain';
import { AuditService, type AuditView, type Caller, type Page } from '@ecron/jobs';
import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { ApiRefusals } from '../http/api-errors.js';
import { API_PREFIX } from '../http/api-prefix.js';
import { CurrentCaller } from '../http/current-caller.js';
import { first, type RawQuery, refuseOthers } from '../http/query.js';
import { AuditPageDto } from './audit.dto.js';

const NAMES = ['user_id', 'action', 'object', 'object_id', 'from', 'to', 'limit', 'cursor'] as const;

@ApiTags('audit')
@Controller(`${API_PREFIX}/audit`)
export class AuditController {
  constructor(private readonly audit: AuditService) {}

  @Get()
  @Requires('ecron.audit.read')
  @ApiOperation({
    summary: 'Who changed what, newest first; changes of runs by their schedule are not in it',
  })
  @ApiQuery({ name: 'user_id', required: false })
  @ApiQuery({ name: 'action', required: false, enum: AUDIT_ACTIONS })
  @ApiQuery({ name: 'object', required: false, enum: AUDIT_OBJECTS })
  @ApiQuery({ name: 'object_id', required: false })
  @ApiQuery({ name: 'from', required: false, description: 'RFC 3339' })
  @ApiQuery({ name: 'to', required: false, description: 'RFC 3339, exclusive' })
  @ApiQuery({ name: 'limit', required: false, description: 'Default 50, at most 500' })
  @ApiQuery({ name: 'cursor', required: false, description: 'next_cursor of the page before' })
  @ApiResponse({ status: 200, type: AuditPageDto })
  @ApiRefusals(400)
  list(@CurrentCaller() caller: Caller, @Query() query: RawQuery): Promise<Page<AuditView>> {
    refuseOthers(query, NAMES);
    return this.audit.list(caller, Object.fromEntries(NAMES.map((name) => [name, first(query, name)])));
  }
}
