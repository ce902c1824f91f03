import { mayRunCommands, type Outcome } from '@ecron/domain';
import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { type AttemptRequest, Executor } from '../../executor/executor.js';
import { JobExecutor } from '../../executor/job-executor.decorator.js';
import { refuse } from '../../executor/refuse.js';
import { OutputRecorder } from '../../output/output-recorder.service.js';
import { classifyExit } from './classify-exit.js';
import { commandEnvironment } from './command-environment.js';
import { splitCommand } from './command-line.js';
import { COMMAND_SETTINGS, type CommandSettings } from './command-settings.js';
import { Deadline } from './deadline.js';
import { findProgram, type FoundProgram } from './find-program.js';
import { findInterpreters } from './interpreters.js';
import { findLimiterFault } from './limiter.js';
import { type ProcessGroup } from './process-group.js';
import { openRunFolder } from './run-folder.js';
import { type CommandOrder, RunningCommand } from './running-command.js';

const KILL_AFTER_MS = 10_000;

/**
 * Runs an attempt as a program of this machine: without a shell, of a list of programs, in a clean environment. Its
 * time and a cancel end it and all that it has started: TERM, 10 s later KILL. What is left of its group when the
 * program itself has ended is ended in the same way. Exit 0 is success.
 */
@Injectable()
@JobExecutor('exe')
export class CommandExecutor extends Executor implements OnModuleInit {
  private readonly logger = new Logger('CommandExecutor');
  private readonly groups = new Set<ProcessGroup>();
  private readonly killAfterMs: number;

  constructor(
    @Inject(COMMAND_SETTINGS) private readonly settings: CommandSettings,
    private readonly outputs: OutputRecorder,
  ) {
    super();
    this.killAfterMs = settings.killAfterMs ?? KILL_AFTER_MS;
  }

  /** Tells an operator what the settings allow. */
  async onModuleInit(): Promise<void> {
    const { allow, user } = this.settings;
    if (allow.length === 0)
      return this.logger.debug({
        event: 'executor.off',
        mode: 'exe',
        msg: 'commands are off: exe_allow lists no program',
      });
    await this.warnAboutInterpreters();
    if (user === null && process.getuid?.() === 0)
      this.logger.warn({ event: 'command.as_root', msg: 'COMMANDS RUN AS ROOT: set exe_user' });
  }

  async run(attempt: AttemptRequest, signal: AbortSignal): Promise<Outcome> {
    const { allow, tenants } = this.settings;
    if (allow.length === 0)
      return refuse('unsupported mode', 'commands are off on this node: exe_allow lists no program');
    if (!mayRunCommands(attempt.tenantId, tenants))
      return refuse('unsupported mode', 'this tenant may not run commands (exe_tenants)');
    const { program, args } = splitCommand(attempt.context);
    const found = await findProgram(program, allow);
    if ('refusal' in found) return refuse('bad target', found.refusal);
    const fault = this.settings.limiter === null ? null : findLimiterFault(found);
    if (fault !== null) return refuse('bad target', fault);
    return this.runProgram(found, args, attempt, signal);
  }

  /** Kills what is still running: there is no time left to wait. */
  override async close(): Promise<void> {
    for (const group of this.groups) group.kill();
  }

  private async warnAboutInterpreters(): Promise<void> {
    const found = await findInterpreters(this.settings.allow);
    if (found.length === 0) return;
    const named = found.slice(0, 10).join(', ') + (found.length > 10 ? ` and ${found.length - 10} more` : '');
    this.logger.warn({
      event: 'command.interpreters',
      msg: `EXE_ALLOW LISTS INTERPRETERS: who may run commands can run anything (${named})`,
    });
  }

  private async runProgram(
    { file, name }: FoundProgram,
    args: string[],
    attempt: AttemptRequest,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const folder = await openRunFolder(this.settings);
    const environment = commandEnvironment(attempt, folder.path, file);
    const { user, limiter } = this.settings;
    const order = { file, name, args, folder: folder.path, environment, user, limiter };
    try {
      return await this.carryOut(order, attempt, signal);
    } finally {
      await folder.remove();
    }
  }

  private async carryOut(
    order: CommandOrder,
    attempt: AttemptRequest,
    signal: AbortSignal,
  ): Promise<Outcome> {
    if (signal.aborted) return { kind: 'interrupted', error: 'the attempt was interrupted' };
    const output = this.outputs.begin(attempt);
    const command = new RunningCommand(order, output.streams);
    const stop = (): Promise<void> | undefined => command.group?.stop(this.killAfterMs);
    const deadline = new Deadline(attempt.timeoutMs, signal, () => void stop());
    if (command.group !== null) this.groups.add(command.group);
    const exit = await command.exit;
    deadline.release();
    await stop();
    if (command.group !== null) this.groups.delete(command.group);
    await command.untilSilent();
    await output.close();
    return deadline.end ?? classifyExit(exit, output.streams);
  }
}
