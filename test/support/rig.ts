import { type Api } from './api.js';
import { type App } from './app.js';
import { PATIENCE, startApp } from './start-app.js';
import { Target } from './target.js';

/** What a spec of the contract works with; filled before its first test. */
export interface Rig {
  app: App;
  api: Api;
  target: Target;
}

/** One program and one target for the tests of a file, both ended behind them. */
export function useRig(env: Record<string, string> = {}): Rig {
  const rig = {} as Rig;
  jest.setTimeout(30_000 * PATIENCE);
  beforeAll(async () => {
    rig.target = await Target.start();
    rig.app = await startApp(env);
    rig.api = rig.app.api;
    await rig.target.setManagement(rig.app.management);
  });
  afterAll(async () => {
    await rig.target?.stop();
    await rig.app?.discard();
  });
  return rig;
}
