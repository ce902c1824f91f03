import { type JobContext, mayRunCommands } from '@ecron/domain';
import { type Caller } from '../caller.js';
import { refuse } from '../errors.js';
import { type JobSettings } from '../job-settings.js';

/** Refuses a context of mode `exe` to whoever may not have commands run. Null: there is none to judge. */
export function refuseCommands(
  caller: Caller,
  context: JobContext | null,
  { commandTenants }: Pick<JobSettings, 'commandTenants'>,
): void {
  if (context?.mode !== 'exe' || caller.isAdmin) return;
  if (!mayRunCommands(caller.clientId, commandTenants)) throw refuse.commands();
}
