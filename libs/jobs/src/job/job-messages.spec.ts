import { type Job } from '@ecron/domain';
import { NOW } from '../../test/fakes.js';
import {
  createMessage,
  deleteMessage,
  enableMessage,
  notifyMessage,
  requestMessage,
  updateMessage,
} from './job-messages.js';

const JOB: Job = {
  jobId: '17a1',
  tenantId: 'mock-client-id',
  name: 'n',
  type: 'scheduled',
  schedule: '0 0 0 1 1 ?',
  timeZone: 'UTC',
  context: {
    mode: 'http',
    exec: 'http://x/',
    info: { method: 'POST', params: null, headers: null, body: null, kubernetes: null },
    notify: { webhook: 'http://hook/' },
    begin_at: '',
    end_at: '',
    execute_id: '',
  },
  policy: { timeout_s: 5 },
  beginAt: null,
  endAt: null,
  enabled: true,
  remarks: '',
  version: 1,
  nextSlotAt: NOW,
  anchorAt: NOW,
  createdAt: NOW,
  updatedAt: NOW,
};
const NOTHING =
  '"job_context":{"mode":"","exec":"","info":{"method":"","params":null,"headers":null,"body":null,"kubernetes":null},"notify":{"webhook":""},"begin_at":"","end_at":"","execute_id":""}';

describe('messages about jobs have the old bytes', () => {
  const full = JSON.stringify(JOB.context);

  it('create', () => {
    expect(JSON.stringify(createMessage(JOB, 'UTC'))).toBe(
      `{"method":"create","data":{"job_id":"17a1","job_name":"n","job_cron_time":"0 0 0 1 1 ?","job_type":"scheduled","job_context":${full},"tenant_id":"mock-client-id","enabled":true,"remarks":"","created_at":"2026-11-24T01:00:00Z","updated_at":"2026-11-24T01:00:00Z"}}`,
    );
  });

  it('update, which names neither tenant nor creation', () => {
    const { data } = updateMessage(JOB, 'UTC');
    expect([data.tenant_id, data.created_at, data.updated_at]).toEqual(['', '', '2026-11-24T01:00:00Z']);
  });

  it('delete', () => {
    expect(JSON.stringify(deleteMessage('17a1', 'c'))).toBe(
      `{"method":"delete","data":{"job_id":"17a1","job_name":"","job_cron_time":"","job_type":"",${NOTHING},"tenant_id":"c","enabled":false,"remarks":"","created_at":"","updated_at":""}}`,
    );
  });

  it('enable and notify, which say what changed', () => {
    expect(enableMessage(JOB, 'UTC').data).toMatchObject({ job_id: '17a1', enabled: true, job_name: '' });
    expect(notifyMessage(JOB, 'UTC').data.job_context.notify).toEqual({ webhook: 'http://hook/' });
  });

  it('a request for a run', () => {
    expect(JSON.stringify(requestMessage('fa87', '33ea'))).toBe(
      `{"job_id":"fa87","job_name":"","job_cron_time":"","job_type":"real-time",${NOTHING.replace('"execute_id":""', '"execute_id":"33ea"')},"tenant_id":"","enabled":false,"remarks":"","created_at":"","updated_at":""}`,
    );
  });
});
