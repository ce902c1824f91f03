import { createLogger } from './logger.js';
import { LogLevel, type LogLevelName, switchOnSignal } from './log-level.js';

function leveled(level: LogLevelName) {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (text: string) => lines.push(JSON.parse(text) as Record<string, unknown>) };
  const log = createLogger({ level, name: 'ecron', destination });
  return { log, level: new LogLevel(log), lines };
}

describe('the log level', () => {
  it('changes while the process runs, and says so whatever it was and is', () => {
    const { log, level, lines } = leveled('error');
    level.set('debug', { user_id: 'u' });
    log.debug({ event: 'x' }, 'now seen');
    level.set('silent', { user_id: 'u' });
    log.error({ event: 'x' }, 'not seen');
    expect(lines).toMatchObject([
      { event: 'log.level_changed', before: 'error', after: 'debug', user_id: 'u' },
      { msg: 'now seen' },
      { event: 'log.level_changed', before: 'debug', after: 'silent' },
    ]);
    expect(level.current).toBe('silent');
  });

  it('goes to debug by a toggle, and back to what is configured by the next', () => {
    const { level } = leveled('warn');
    level.set('error', {});
    level.toggle({});
    expect(level.current).toBe('debug');
    level.toggle({});
    expect(level.current).toBe('warn');
  });

  it('is toggled by SIGUSR2', () => {
    const { level, lines } = leveled('info');
    switchOnSignal(level);
    try {
      process.emit('SIGUSR2');
      expect(level.current).toBe('debug');
      expect(lines).toMatchObject([{ by: 'SIGUSR2' }]);
    } finally {
      process.removeAllListeners('SIGUSR2');
    }
  });
});
