import { type App } from './app.js';
import { Target } from './target.js';

/**
 * Lends a program and a target, each processes of their own, and takes both down behind `use`.
 * When `use` fails it prints what the program printed last.
 */
export async function onStage<A extends App, T>(
  start: () => Promise<A>,
  use: (app: A, target: Target) => Promise<T>,
): Promise<T> {
  const target = await Target.start();
  try {
    const app = await start();
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
