import { EXECUTORS } from '../executors/index.js';
import { declarationsOf, JobExecutor, modeDefaultsOf } from './job-executor.decorator.js';

@JobExecutor('plain')
class PlainExecutor {}

@JobExecutor('slow', { timeoutS: 900, nodeLost: 'interrupt' })
class SlowExecutor {}

describe('what a class declares of its modes', () => {
  it('is nothing where it is not marked', () => {
    expect(declarationsOf(class {})).toEqual([]);
  });

  it('reaches policies, completed with what HTTP has', () => {
    const declarations = [PlainExecutor, SlowExecutor].flatMap(declarationsOf);
    expect(modeDefaultsOf(declarations)).toEqual({
      plain: { timeoutS: 60, nodeLost: 'retry' },
      slow: { timeoutS: 900, nodeLost: 'interrupt' },
    });
  });

  it('never changes the modes of the contract', () => {
    expect(modeDefaultsOf(EXECUTORS.flatMap(declarationsOf))).not.toHaveProperty('exe');
    expect(EXECUTORS.flatMap(declarationsOf)).toContainEqual({ mode: 'exe', executor: 'CommandExecutor' });
  });
});
