// node scripts/test-cluster.mjs [nsq|kafka] [JEST ARGS]: the contract suite, or some of its files, against two nodes
// of each service; ECRON_TEST_CLUSTER_NODE=1 speaks to the second management node.
import { spawnSync } from 'node:child_process';
import { nodeBinary, root, toolEnv } from './lib.mjs';

const [broker = 'nsq', ...args] = process.argv.slice(2);
// One file at a time: the topics are the contract's, so clusters on one broker would take each other's messages.
const jest = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js', '--runInBand'];
const { status } = spawnSync(nodeBinary, [...jest, ...(args.length > 0 ? args : ['test/contract'])], {
  cwd: root,
  env: { ...toolEnv(), ECRON_TEST_CLUSTER: broker },
  stdio: 'inherit',
});
process.exit(status ?? 1);
