import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CommandSettings } from './command-settings.js';

/** Where one attempt runs. */
export interface RunFolder {
  path: string;
  /** What the attempt has left in a folder of its own goes with it. */
  remove(): Promise<void>;
}

/** The configured folder, or else an empty one that only the command's user can enter. */
export async function openRunFolder({ folder, user }: CommandSettings): Promise<RunFolder> {
  if (folder !== null) return { path: folder, remove: async () => undefined };
  const path = await mkdtemp(join(tmpdir(), 'ecron-run-'));
  if (user !== null) await chown(path, user.uid, user.gid);
  return { path, remove: () => rm(path, { recursive: true, force: true }).catch(() => undefined) };
}
