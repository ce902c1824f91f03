import { Standalone } from './standalone.js';
import { Target } from './target.js';

/**
 * Lends a fresh standalone process and a target, each a process of its own, and takes both down behind `use`.
 * When `use` fails it prints what the standalone process printed last.
 */
export async function onStage<T>(use: (app: Standalone, target: Target) => Promise<T>): Promise<T> {
  const target = await Target.start();
  try {
    const app = await Standalone.start();
    try {
      await target.setManagement(app.management);
      return await use(app, target);
    } catch (error) {
      console.error(app.output());
      throw error;
    } finally {
      await app.discard();
    }
  } finally {
    await target.stop();
  }
}
