import { type Outcome } from '@ecron/domain';
import { Module, type Provider } from '@nestjs/common';
import { DiscoveryModule, NestFactory } from '@nestjs/core';
import { Executor } from './executor.js';
import { ExecutorRegistry, REQUIRED_MODES } from './executor-registry.js';
import { JobExecutor } from './job-executor.decorator.js';

@JobExecutor('http', 'https')
class WebExecutor extends Executor {
  closed = 0;
  async run(): Promise<Outcome> {
    return { kind: 'succeeded', result: null };
  }
  override async close(): Promise<void> {
    this.closed += 1;
  }
}

@JobExecutor('https')
class SecondExecutor extends WebExecutor {}

class DemoOptions {}

@JobExecutor('demo', { timeoutS: 5, nodeLost: 'interrupt', options: DemoOptions })
class DemoExecutor extends WebExecutor {}

class UnmarkedExecutor extends Executor {
  async run(): Promise<Outcome> {
    return { kind: 'succeeded', result: null };
  }
}

async function startWith(...providers: Provider[]): Promise<ExecutorRegistry> {
  @Module({ imports: [DiscoveryModule], providers: [ExecutorRegistry, ...providers] })
  class TestModule {}
  const app = await NestFactory.createApplicationContext(TestModule, { logger: false, abortOnError: false });
  return app.get(ExecutorRegistry);
}

describe('the executors of a process', () => {
  it('are found by every mode they are marked with', async () => {
    const registry = await startWith(WebExecutor);
    expect(registry.find('http')).toBeInstanceOf(WebExecutor);
    expect(registry.find('https')).toBe(registry.find('http'));
    expect(registry.declarations).toEqual([
      { mode: 'http', executor: 'WebExecutor' },
      { mode: 'https', executor: 'WebExecutor' },
    ]);
  });

  it('have none for a mode that nobody claims', async () => {
    const registry = await startWith(WebExecutor);
    expect(registry.find('exe')).toBeUndefined();
  });

  it('are found when a factory made them, and count once under an alias', async () => {
    const registry = await startWith(
      { provide: 'made', useFactory: () => new WebExecutor() },
      { provide: 'alias', useExisting: 'made' },
    );
    expect(registry.find('http')).toBeInstanceOf(WebExecutor);
  });

  it('stop the start when two claim one mode', async () => {
    await expect(startWith(WebExecutor, SecondExecutor)).rejects.toThrow(
      'mode "https" has two executors: WebExecutor and SecondExecutor',
    );
  });

  it('keep what is declared of their modes', async () => {
    const { declarations } = await startWith(DemoExecutor);
    expect(declarations).toEqual([
      { mode: 'demo', executor: 'DemoExecutor', timeoutS: 5, nodeLost: 'interrupt', options: DemoOptions },
    ]);
  });

  it('stop the start when a mode that must be there has none, and say what to add', async () => {
    const required = { provide: REQUIRED_MODES, useValue: ['https', 'exe'] };
    await expect(startWith(WebExecutor, required)).rejects.toThrow(
      'mode "exe" has no executor: add a class marked @JobExecutor(\'exe\') to EXECUTORS',
    );
  });

  it.each<[string, string]>([
    ['Demo', 'must be a-z, 0-9 and "-"'],
    ['', 'must be a-z, 0-9 and "-"'],
    ['seventeen-letters', 'must be a-z, 0-9 and "-"'],
    ['body', 'cannot have options: job_context.info.body means something else'],
  ])('stop the start with the mode %j', async (mode, rule) => {
    @JobExecutor(mode, { options: DemoOptions })
    class OddExecutor extends WebExecutor {}
    await expect(startWith(OddExecutor)).rejects.toThrow(`executor OddExecutor: mode "${mode}" ${rule}`);
  });

  it('stop the start when one claims no mode', async () => {
    await expect(startWith(UnmarkedExecutor)).rejects.toThrow('executor UnmarkedExecutor names no mode');
  });

  it('are each closed once, whatever the number of their modes', async () => {
    const registry = await startWith(WebExecutor, { provide: 'none', useValue: null });
    await registry.close();
    expect((registry.find('http') as WebExecutor).closed).toBe(1);
  });
});
