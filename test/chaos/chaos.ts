import { setTimeout as pause } from 'node:timers/promises';
import { onStage } from '../support/stage.js';
import { Standalone } from '../support/standalone.js';
import { type ChaosReport, type Cut, judge } from './judge.js';
import { settleLoad, startLoad, wholeSecond } from './load.js';
import { randomFrom } from './random.js';

export interface ChaosPlan {
  kills: number;
  /** Jobs of every second. */
  jobs: number;
  /** The same seed kills after the same waits. */
  seed: number;
  /** How long the process may live before it is killed: from, to. */
  lifeMs: [number, number];
  say: (line: string) => void;
}

/** Kills the process at random moments under load, restarts it at once, and then compares its ledger with the target. */
export async function runChaos(plan: ChaosPlan): Promise<ChaosReport> {
  return onStage(
    () => Standalone.start(),
    async (app, target) => {
      const load = await startLoad(app.api, target, plan.jobs);
      const from = wholeSecond(Date.now() + 1000);
      const cuts = await killAgainAndAgain(app, plan);
      const to = wholeSecond(Date.now());
      await settleLoad(app.api, load, to);
      plan.say(`comparing ${load.size} ledgers with the target`);
      return judge(app.api, { load, from, to, cuts, arrivals: await target.arrivals() });
    },
  );
}

async function killAgainAndAgain(app: Standalone, plan: ChaosPlan): Promise<Cut[]> {
  const random = randomFrom(plan.seed);
  const [least, most] = plan.lifeMs;
  const cuts: Cut[] = [];
  while (cuts.length < plan.kills) {
    const lifeMs = Math.round(least + random() * (most - least));
    await pause(lifeMs);
    await app.kill();
    const killedAt = Date.now();
    cuts.push({ from: killedAt, to: killedAt });
    await app.boot();
    plan.say(`kill ${cuts.length} of ${plan.kills} after ${lifeMs} ms, back in ${Date.now() - killedAt} ms`);
  }
  await pause(least);
  return cuts;
}
