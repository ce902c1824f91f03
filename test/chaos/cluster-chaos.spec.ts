import { describeWith } from '@ecron/testing';
import { runClusterChaos } from './cluster-chaos.js';

/** Each runs on components of its own; that others are up says that this machine can have them. */
describeWith(['mariadb', 'nsq'], 'a cluster under load', () => {
  it.each([
    ['the database is killed and started again', 'database'],
    ['an analysis node is killed in the middle of a batch', 'analysis'],
    ['a management node is killed in the middle of a batch', 'management'],
    ['every node is restarted, one after the other', 'rolling'],
  ] as const)(
    'loses no slot and doubles none when %s',
    async (_, fault) => {
      const { fates, faults } = await runClusterChaos({
        broker: 'nsq',
        fault,
        seconds: 0,
        jobs: 20,
        say: () => undefined,
      });
      expect(faults).toEqual([]);
      expect(fates['succeeded']).toBeGreaterThan(100);
    },
    180_000,
  );
});
