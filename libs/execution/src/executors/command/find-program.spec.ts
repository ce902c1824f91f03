import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandStage } from '../../../test/command-stage.js';
import { findProgram } from './find-program.js';

describe('the search for a program', () => {
  let stage: CommandStage;
  let outside: string;
  beforeEach(() => {
    stage = new CommandStage();
    outside = stage.script('outside', 'true', join(stage.root, 'elsewhere'));
    stage.script('tool', 'true');
    stage.script('deep', 'true', join(stage.bin, 'sub'));
  });
  afterEach(() => stage.remove());

  const find = (name: string, allow = [stage.bin]) => findProgram(name, allow);
  const inBin = (name: string) => realpathSync(join(stage.bin, name));

  it.each(['tool', './tool', 'sub/deep', 'sub/../tool'])('finds %s in a listed folder', async (name) => {
    expect(await find(name)).toMatchObject({ file: inBin(name) });
  });

  it('finds an absolute path, a listed program by its name, and either through a link to it', async () => {
    const tool = join(stage.bin, 'tool');
    expect(await find(tool)).toMatchObject({ file: inBin('tool') });
    expect(await find('tool', [tool])).toMatchObject({ file: inBin('tool') });
    symlinkSync(tool, join(stage.root, 'tool'));
    expect(await find(join(stage.root, 'tool'), [tool])).toMatchObject({ file: inBin('tool') });
  });

  it('goes by what is behind the links of the list, too', async () => {
    symlinkSync(stage.bin, join(stage.root, 'link'));
    expect(await find('tool', [join(stage.root, 'link')])).toMatchObject({ file: inBin('tool') });
  });

  it('refuses what leads out of a listed folder', async () => {
    symlinkSync('/bin/sh', join(stage.bin, 'friendly'));
    symlinkSync(join(stage.root, 'elsewhere'), join(stage.bin, 'folder'));
    const names = [
      'friendly',
      'folder/outside',
      '../elsewhere/outside',
      outside,
      join(stage.bin, '../elsewhere/outside'),
    ];
    for (const name of names) expect(await find(name)).toHaveProperty('refusal');
  });

  it('refuses a folder whose name only begins like a listed one', async () => {
    const path = stage.script('tool', 'true', `${stage.bin}-more`);
    expect(await find(path)).toHaveProperty('refusal');
  });

  it('refuses a listed program by another name, by which it may be another program', async () => {
    const tool = join(stage.bin, 'tool');
    symlinkSync(tool, join(stage.root, 'sh'));
    expect(await find(join(stage.root, 'sh'), [tool])).toHaveProperty('refusal');
    symlinkSync(tool, join(stage.root, 'listed'));
    expect(await find(tool, [join(stage.root, 'listed')])).toHaveProperty('refusal');
    expect(await find('listed', [join(stage.root, 'listed')])).toMatchObject({ file: inBin('tool') });
  });

  it('looks nowhere but in the list', async () => {
    const { PATH } = process.env;
    process.env['PATH'] = join(stage.root, 'elsewhere');
    expect(await find('outside')).toHaveProperty('refusal');
    expect(await find('sh')).toHaveProperty('refusal');
    process.env['PATH'] = PATH;
  });

  it('refuses what is no program, is not there, or has a name that no file has', async () => {
    writeFileSync(join(stage.bin, 'text'), 'no program', { mode: 0o644 });
    mkdirSync(join(stage.bin, 'folder'));
    for (const name of ['text', 'folder', '.', '', 'missing', 'tool\0']) {
      expect(await find(name)).toHaveProperty('refusal');
    }
  });

  it('goes on where an entry of the list is not there', async () => {
    expect(await find('tool', [join(stage.root, 'missing'), stage.bin])).toMatchObject({
      file: inBin('tool'),
    });
  });
});
