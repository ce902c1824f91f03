import { type Outcome } from '@ecron/domain';
import { Module, type Provider } from '@nestjs/common';
import { DiscoveryModule, NestFactory } from '@nestjs/core';
import { Executor } from './executor.js';
import { ExecutorRegistry } from './executor-registry.js';
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
    expect(registry.modes).toEqual(['http', 'https']);
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

  it('stop the start when one claims no mode', async () => {
    await expect(startWith(UnmarkedExecutor)).rejects.toThrow('executor UnmarkedExecutor names no mode');
  });

  it('are each closed once, whatever the number of their modes', async () => {
    const registry = await startWith(WebExecutor, { provide: 'none', useValue: null });
    await registry.close();
    expect((registry.find('http') as WebExecutor).closed).toBe(1);
  });
});
