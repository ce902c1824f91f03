import { TOPICS } from '../topics.js';
import { toOutMessage } from './kafka-client.js';

describe('toOutMessage', () => {
  it('keys what is said of a job by the job', () => {
    const message = { method: 'update', data: { job_id: 'j' } };
    expect(toOutMessage(TOPICS.job, message)).toEqual({ key: 'j', value: JSON.stringify(message) });
  });

  it.each([{}, { data: null }, { data: { job_id: '' } }, { data: { job_id: 1 } }])(
    'leaves %j without a key',
    (message) => expect(toOutMessage(TOPICS.job, message).key).toBeNull(),
  );

  it.each([TOPICS.execution, TOPICS.status, TOPICS.immediate])('keys nothing on %s', (topic) => {
    expect(toOutMessage(topic, { job_id: 'j', data: { job_id: 'j' } }).key).toBeNull();
  });
});
