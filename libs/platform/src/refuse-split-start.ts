import { type NodeRole } from '@ecron/nodes';

/** The two services run apart only on a database server, which this version does not speak to yet. */
export function refuseSplitStart(role: NodeRole): void {
  process.stderr.write(
    `ecron: ${role} on its own needs a database server (db_addr), which is not supported yet; "npm start" runs both services in one process\n`,
  );
  process.exitCode = 1;
}
