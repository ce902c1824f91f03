import { runChaos } from './chaos.js';

describe('three kills under load', () => {
  it('lose no slot and double none', async () => {
    const lines: string[] = [];
    const plan = {
      kills: 3,
      jobs: 20,
      seed: 7,
      lifeMs: [300, 1500] as [number, number],
      say: (line: string) => void lines.push(line),
    };
    const { fates, faults } = await runChaos(plan);
    expect(faults).toEqual([]);
    expect(fates.succeeded).toBeGreaterThan(20);
  }, 60_000);
});
