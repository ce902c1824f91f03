import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { CommandStage } from '../../../test/command-stage.js';
import { findInterpreters } from './interpreters.js';

describe('interpreters in the list', () => {
  let stage: CommandStage;
  beforeEach(() => {
    stage = new CommandStage();
  });
  afterEach(() => stage.remove());

  it.each(['sh', 'bash', 'python3', 'python3.11', 'node', 'perl5.36', 'env', 'busybox', 'php-8.2', 'sudo'])(
    'are named: %s',
    async (name) => {
      const path = stage.script(name, 'true');
      expect(await findInterpreters([path])).toEqual([path]);
    },
  );

  it.each(['backup', 'shred', 'nodestatus', 'environment', 'push.sh'])(
    'are not mistaken: %s',
    async (name) => {
      expect(await findInterpreters([stage.script(name, 'true')])).toEqual([]);
    },
  );

  it('are found behind another name, and in listed folders', async () => {
    symlinkSync('/bin/sh', join(stage.root, 'friendly'));
    stage.script('perl', 'true');
    stage.script('backup', 'true');
    expect(await findInterpreters([join(stage.root, 'friendly'), stage.bin, '/no/such/path'])).toEqual([
      join(stage.root, 'friendly'),
      join(stage.bin, 'perl'),
    ]);
  });
});
