import { type JobContext, type JsonObject } from '@ecron/domain';
import { contextOf } from '../../test/fakes.js';
import { executorModeOf } from './executor-mode.js';

const withCluster = (mode: JobContext['mode'], kubernetes: JsonObject | null): JobContext => {
  const context = contextOf(mode);
  return { ...context, info: { ...context.info, kubernetes } };
};

describe('the executor of a context', () => {
  it.each(['http', 'https', 'exe'] as const)('is that of its mode %s', (mode) => {
    expect(executorModeOf(contextOf(mode))).toBe(mode);
  });

  it('is another one for commands that name a cluster', () => {
    expect(executorModeOf(withCluster('exe', { image: 'busybox' }))).toBe('exe+kubernetes');
    expect(executorModeOf(withCluster('http', { image: 'busybox' }))).toBe('http');
  });

  it.each([{}, { addr: '', port: 0, image: '' }, { addr: null, labels: {} }])(
    'stays the same where %j says nothing',
    (kubernetes) => {
      expect(executorModeOf(withCluster('exe', kubernetes))).toBe('exe');
    },
  );
});
