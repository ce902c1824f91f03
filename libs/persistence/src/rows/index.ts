import { ExecutionRow } from './execution.row.js';
import { JobActiveRow, JobRow, JobVersionRow } from './job.row.js';
import { MetaRow, NodeRow } from './node.row.js';

export const ROWS = [JobRow, JobVersionRow, JobActiveRow, ExecutionRow, NodeRow, MetaRow];
export { ExecutionRow, JobActiveRow, JobRow, JobVersionRow, MetaRow, NodeRow };
