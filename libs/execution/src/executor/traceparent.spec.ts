import { attemptWith, contextWith } from '../../test/attempts.js';
import { NOW } from '../../test/fakes.js';
import { annotationsOf } from '../executors/kubernetes/body/identity.js';
import { composeMessage } from '../executors/publish/compose-message.js';
import { firstHop, prepareRequest } from '../executors/http/hop.js';
import { identityVariables } from './identity-variables.js';

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const plain = attemptWith(contextWith('http', 'http://target.test/', { body: {} }));
const traced = { ...plain, traceparent: TRACEPARENT };

const headers = (attempt: typeof traced | typeof plain): Record<string, string> => {
  const request = prepareRequest(attempt.context, 'ecron/test');
  const list = request === null ? [] : firstHop(request, attempt).headers;
  return Object.fromEntries(list.flatMap((name, n) => (n % 2 === 0 ? [[name, list[n + 1] ?? '']] : [])));
};

describe('the context of a trace', () => {
  it.each([
    ['header of an HTTP request', headers, 'traceparent'],
    ['variable of a command, here or in a pod', identityVariables, 'TRACEPARENT'],
    [
      'annotation of a Kubernetes Job',
      (attempt: typeof plain) => annotationsOf(attempt, NOW),
      'ecron/traceparent',
    ],
    ['header of a message', (attempt: typeof plain) => composeMessage(attempt).headers, 'traceparent'],
  ])('reaches a target as a %s, and nothing is there without one', (_, identityOf, name) => {
    const { [name]: context, ...rest } = identityOf(traced);
    expect(context).toBe(TRACEPARENT);
    expect(identityOf(plain)).toEqual(rest);
  });

  it('stands back behind a header of that name that the job sets itself', () => {
    const own = { headers: { Traceparent: 'its own' } };
    const context = contextWith('http', 'http://target.test/', own);
    const request = prepareRequest(context, 'ecron/test');
    const sent = request && firstHop(request, { ...traced, context }).headers;
    expect(sent?.filter((text) => text === 'traceparent')).toHaveLength(1);
    expect(headers({ ...traced, context })['traceparent']).toBe('its own');
  });
});
