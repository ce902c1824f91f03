export const NODE_ROLES = ['management', 'analysis'] as const;
export type NodeRole = (typeof NODE_ROLES)[number];

/** This process in the cluster: the id is new for each start, the name is only a label. */
export class NodeIdentity {
  constructor(
    readonly nodeId: string,
    readonly name: string,
    readonly role: NodeRole,
    /** How many runs it carries at once; 0 for an analysis node. */
    readonly capacity: number,
    /** Of the program; shown only. */
    readonly version = '',
  ) {}
}
