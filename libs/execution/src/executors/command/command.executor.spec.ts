import { existsSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { attemptWith } from '../../../test/attempts.js';
import { commandContext, CommandStage, isAlive } from '../../../test/command-stage.js';
import { findLimiter } from './limiter.js';
import { HEAD_LIMIT_BYTES, TAIL_LIMIT_BYTES } from '../../output/output-capture.js';

const asRoot = process.getuid?.() === 0 ? it : it.skip;
const NOBODY = 65_534;

describe('a command', () => {
  let stage: CommandStage;
  beforeAll(() => void Logger.overrideLogger(false));
  beforeEach(() => {
    stage = new CommandStage();
  });
  afterEach(() => stage.remove());

  describe('that ends by itself', () => {
    it('has succeeded with 0, and its output is its result', async () => {
      stage.script('ok', 'echo done; echo note >&2');
      expect(await stage.run('ok')).toEqual({ kind: 'succeeded', exitCode: 0, result: '"done"' });
      expect([stage.shown('stdout'), stage.shown('stderr')]).toEqual(['done\n', 'note\n']);
    });

    it('has failed with anything else, says what it said last, and is tried again', async () => {
      stage.script('bad', 'echo part; echo first >&2; echo the disk is full >&2; exit 3');
      expect(await stage.run('bad')).toEqual({
        kind: 'failed',
        retryable: true,
        exitCode: 3,
        error: 'the program ended with 3: the disk is full',
        result: '"part"',
      });
    });

    it('by a signal has failed without an exit code', async () => {
      stage.script('crash', 'kill -SEGV $$');
      const outcome = await stage.run('crash');
      expect(outcome).toMatchObject({
        kind: 'failed',
        retryable: true,
        error: 'the program was ended by SIGSEGV',
      });
      expect(outcome).not.toHaveProperty('exitCode');
    });

    it('leaves nothing running behind it, and does not wait for what it left in the background', async () => {
      stage.script('leaver', 'sleep 600 & echo $!');
      const outcome = await stage.run('leaver');
      expect(outcome).toMatchObject({ kind: 'succeeded' });
      expect(isAlive(Number(stage.shown()))).toBe(false);
    });
  });

  describe('is given', () => {
    it('the words of exec and then the values of params, in their order, and no shell reads them', async () => {
      stage.script('show', 'for a in "$@"; do echo "[$a]"; done');
      const context = commandContext(`  show  -a  "b   $HOME *  `, {
        z: 'two words',
        a: '$(id); `id` > /x',
        e: '',
      });
      await stage.run('', { context });
      expect(stage.shown().trimEnd().split('\n')).toEqual([
        '[-a]',
        '["b]',
        '[$HOME]',
        '[*]',
        '[two words]',
        '[$(id); `id` > /x]',
        '[]',
      ]);
    });

    it('an environment that says who it is, and nothing of ours', async () => {
      process.env['ECRON_USER_PWD'] = 'our secret';
      stage.script('environment', 'exec /usr/bin/env');
      await stage.run('environment');
      delete process.env['ECRON_USER_PWD'];
      const lines = stage.shown().trimEnd().split('\n');
      const names = lines
        .map((line) => line.replace(/=.*/s, ''))
        .filter((name) => !/^(PWD|OLDPWD|SHLVL|_)$/.test(name));
      expect(names.sort()).toEqual(
        [
          'PATH',
          'HOME',
          'LANG',
          'ECRON_EXECUTE_ID',
          'ECRON_JOB_ID',
          'ECRON_TENANT',
          'ECRON_SLOT',
          'ECRON_ATTEMPT',
          'ECRON_IDEMPOTENCY_KEY',
        ].sort(),
      );
      expect(lines).toEqual(
        expect.arrayContaining([
          'ECRON_EXECUTE_ID=execute-1',
          'ECRON_JOB_ID=job-1',
          'ECRON_TENANT=tenant-a',
          'ECRON_SLOT=2026-11-24T17:00:00+08:00',
          'ECRON_ATTEMPT=2',
          'ECRON_IDEMPOTENCY_KEY=execute-1',
        ]),
      );
    });

    it('no slot where it runs on request', async () => {
      stage.script('slot', 'echo "${ECRON_SLOT-none}"');
      await stage.run('slot', { slotAt: null });
      expect(stage.shown()).toBe('none\n');
    });

    it('an input that has ended', async () => {
      stage.script('reader', 'read line || echo nothing');
      await stage.run('reader');
      expect(stage.shown()).toBe('nothing\n');
    });

    it('an empty folder of its own, which goes with it', async () => {
      stage.script('here', 'pwd; ls -A; echo x > left; echo $HOME');
      await stage.run('here');
      const [folder = '', ...more] = stage.shown().trimEnd().split('\n');
      expect(folder).toContain(join(realpathSync(tmpdir()), 'ecron-run-'));
      expect(more.map((path) => realpathSync.native(join(path, '..')))).toEqual([realpathSync(tmpdir())]);
      expect(existsSync(folder)).toBe(false);
    });

    it('the configured folder, which stays', async () => {
      stage.settings = { ...stage.settings, folder: stage.root };
      stage.script('here', 'pwd; echo x > left');
      await stage.run('here');
      expect(stage.shown()).toBe(`${realpathSync(stage.root)}\n`);
      expect(existsSync(join(stage.root, 'left'))).toBe(true);
    });

    asRoot('the rights of the configured user, and none of our groups', async () => {
      stage.settings = { ...stage.settings, user: { uid: NOBODY, gid: NOBODY } };
      stage.script('who', 'id -u; id -G; echo x > mine && ls -A');
      await stage.run('who');
      expect(stage.shown()).toBe(`${NOBODY}\n${NOBODY}\nmine\n`);
    });
  });

  describe('is refused for good', () => {
    it('where the list is empty', async () => {
      stage.settings = { ...stage.settings, allow: [] };
      expect(await stage.run(stage.script('ok', 'true'))).toMatchObject({
        kind: 'failed',
        retryable: false,
        reason: 'unsupported mode',
        error: expect.stringContaining('exe_allow') as string,
      });
    });

    it('where its tenant may run none', async () => {
      stage.settings = { ...stage.settings, tenants: ['tenant-b'] };
      stage.script('ok', 'true');
      expect(await stage.run('ok')).toMatchObject({
        kind: 'failed',
        retryable: false,
        reason: 'unsupported mode',
      });
      expect(await stage.run('ok', { tenantId: 'tenant-b' })).toMatchObject({ kind: 'succeeded' });
    });

    it('where the program is not in the list', async () => {
      const outcome = await stage.run('/bin/sh -c true');
      expect(outcome).toMatchObject({ kind: 'failed', retryable: false, reason: 'bad target' });
    });

    it('where what interprets the program is not there', async () => {
      writeFileSync(join(stage.bin, 'odd'), '#!/no/such/interpreter\n', { mode: 0o755 });
      expect(await stage.run('odd')).toMatchObject({
        kind: 'failed',
        retryable: false,
        error: 'the program cannot be started: ENOENT',
      });
    });

    it('where an argument cannot be one', async () => {
      stage.script('ok', 'true');
      const context = commandContext('ok', { a: 'nul\0' });
      expect(await stage.run('', { context })).toMatchObject({ kind: 'failed', retryable: false });
    });
  });

  describe('with limits', () => {
    beforeEach(() => {
      const limiter = findLimiter({ memory_mb: 256, cpu_s: 1, open_files: 40, processes: 500 }, null);
      if ('refusal' in limiter) throw new Error(limiter.refusal);
      stage.settings = { ...stage.settings, limiter };
    });

    it('has them, soft and hard, with its arguments, name and rights as without', async () => {
      stage.script('show', `echo "$0 $*"; grep -E '^Max (address|cpu|open|processes)' /proc/self/limits`);
      await stage.run('', { context: commandContext('show -a', { b: 'two words' }) });
      const lines = stage.shown().trimEnd().split('\n');
      expect(lines.map((line) => line.trimEnd().replace(/ {2,}/g, ' '))).toEqual([
        `${realpathSync(stage.bin)}/show -a two words`,
        'Max cpu time 1 6 seconds',
        'Max processes 500 500 processes',
        'Max open files 40 40 files',
        'Max address space 268435456 268435456 bytes',
      ]);
    });

    it('is ended when it has used its time of the processor up', async () => {
      stage.script('busy', 'while :; do :; done');
      expect(await stage.run('busy')).toMatchObject({
        kind: 'failed',
        retryable: true,
        error: 'the program was ended by SIGXCPU',
      });
    });

    it('is not given more memory', async () => {
      stage.script('copy', 'exec dd if=/dev/zero of=/dev/null count=1 bs="$1"');
      expect(await stage.run('copy 1M')).toMatchObject({ kind: 'succeeded' });
      expect(await stage.run('copy 400M')).toMatchObject({ kind: 'failed', retryable: true, exitCode: 1 });
    });

    it('dies with its grandchildren when it is cancelled', async () => {
      stage.script('parent', '(sleep 600 & echo $!; wait) & wait');
      const abort = new AbortController();
      const outcome = stage.run('parent', {}, abort.signal);
      await stage.untilShown('\n');
      const pid = Number(stage.shown());
      expect(isAlive(pid)).toBe(true);
      abort.abort();
      expect(await outcome).toMatchObject({ kind: 'interrupted' });
      expect(isAlive(pid)).toBe(false);
    });

    it('is refused by the name of a link, which its file would not see', async () => {
      symlinkSync(stage.script('real', 'true'), join(stage.bin, 'other'));
      expect(await stage.run('other')).toMatchObject({
        retryable: false,
        reason: 'bad target',
        error: expect.stringContaining('exe_limits') as string,
      });
      expect(await stage.run('real')).toMatchObject({ kind: 'succeeded' });
    });
  });

  describe('that is to end', () => {
    const start = (exec: string, own = {}) => {
      const abort = new AbortController();
      return { abort, outcome: stage.run(exec, own, abort.signal) };
    };

    it('gets the time to do so when it is cancelled, and is interrupted whatever it ends with', async () => {
      stage.settings = { ...stage.settings, killAfterMs: 60_000 };
      stage.script('tidy', `trap 'echo tidied; exit 0' TERM; echo ready; while :; do sleep 0.01; done`);
      const { abort, outcome } = start('tidy');
      await stage.untilShown('ready');
      abort.abort();
      expect(await outcome).toEqual({ kind: 'interrupted', error: 'the attempt was interrupted' });
      expect(stage.shown()).toBe('ready\ntidied\n');
    });

    it('dies with its grandchildren, though they ignore what they are told', async () => {
      stage.script('stubborn', `trap '' TERM; echo $$; while :; do sleep 0.01; done`);
      stage.script('parent', `trap '' TERM; ${stage.bin}/stubborn & (${stage.bin}/stubborn) & echo $$; wait`);
      const { abort, outcome } = start('parent');
      await stage.outputs.signal.until(() => stage.shown().split('\n').length === 4);
      const pids = stage.shown().trimEnd().split('\n').map(Number);
      expect(pids.map(isAlive)).toEqual([true, true, true]);
      abort.abort();
      expect(await outcome).toMatchObject({ kind: 'interrupted' });
      expect(pids.map(isAlive)).toEqual([false, false, false]);
    });

    it('has timed out when its time has passed', async () => {
      stage.script('slow', 'echo $$; exec sleep 600');
      expect(await stage.run('slow', { timeoutMs: 500 })).toEqual({
        kind: 'timedOut',
        error: 'not ended within 0.5 s',
      });
      expect(isAlive(Number(stage.shown()))).toBe(false);
    });

    it('never begins where it was cancelled before', async () => {
      stage.script('ok', 'echo began');
      expect(await stage.run('ok', {}, AbortSignal.abort())).toMatchObject({ kind: 'interrupted' });
      expect(stage.outputs.batches).toEqual([]);
    });

    it('is killed at once where the node ends', async () => {
      stage.settings = { ...stage.settings, killAfterMs: 60_000 };
      stage.script('stubborn', `trap '' TERM; echo ready; while :; do sleep 0.01; done`);
      const executor = stage.executor();
      const abort = new AbortController();
      const outcome = executor.run(attemptWith(commandContext('stubborn')), abort.signal);
      await stage.untilShown('ready');
      abort.abort();
      await executor.close();
      expect(await outcome).toMatchObject({ kind: 'interrupted' });
    });
  });

  describe('that writes without end', () => {
    it('is kept by its beginning and its end, in bounded writes', async () => {
      stage.script('endless', 'exec yes 0123456789');
      const abort = new AbortController();
      const outcome = stage.run('endless', {}, abort.signal);
      await stage.outputs.signal.until(() => (stage.outputs.pieces.at(-1)?.totalBytes ?? 0) > 10_000_000);
      abort.abort();
      await outcome;
      for (const { head, tail } of stage.outputs.pieces) {
        expect(Buffer.byteLength(head ?? '')).toBeLessThanOrEqual(HEAD_LIMIT_BYTES);
        expect(Buffer.byteLength(tail)).toBeLessThanOrEqual(TAIL_LIMIT_BYTES);
      }
      expect(stage.outputs.pieces[0]?.head).toMatch(/^0123456789\n0123456789\n/);
    });
  });
});
