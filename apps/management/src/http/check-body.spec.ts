import { EnableDto, JobDto } from '../job/job.dto.js';
import { StatusDto } from '../jobstatus/status.dto.js';
import { checkBody } from './check-body.js';
import { JsonListPipe } from './json.pipe.js';
import { parseJson } from './parse-json.js';

function pathsOf(work: () => unknown): string[] {
  try {
    work();
  } catch (error) {
    return (error as { detail: { parameters: string[] } }).detail.parameters;
  }
  throw new Error('was not refused');
}

describe('the executors of a status', () => {
  it('are taken up to their limits', () => {
    const text = 'x'.repeat(255);
    const body = { executor: Array<object>(100).fill({ executor_id: text, executed_at: text }) };
    expect(checkBody(body, StatusDto)).toBe(body);
  });

  it.each<[string, object[]]>([
    ['executor', Array<object>(101).fill({})],
    ['executor[1].executor_id', [{}, { executor_id: 'x'.repeat(256) }]],
    ['executor[1].executed_at', [{}, { executed_at: 'x'.repeat(256) }]],
  ])('are refused beyond them: %s', (path, executor) => {
    expect(pathsOf(() => checkBody({ executor }, StatusDto))).toEqual([path]);
  });
});

describe('the types of a job', () => {
  it.each<[string, object]>([
    ['job_name', { job_name: 7 }],
    ['enabled', { enabled: 'true' }],
    ['job_context', { job_context: [] }],
    ['job_context.info', { job_context: { info: [{}] } }],
    ['job_context.info.headers', { job_context: { info: { headers: { a: 1 } } } }],
    ['job_context.info.body', { job_context: { info: { body: [] } } }],
    ['job_context.notify.webhook', { job_context: { notify: { webhook: {} } } }],
    ['job_context.policy.overlap', { job_context: { policy: { overlap: 'allow' } } }],
    ['job_context.policy.retry.max_attempts', { job_context: { policy: { retry: { max_attempts: 0 } } } }],
    ['job_context.policy.misfire.grace_s', { job_context: { policy: { misfire: { grace_s: -1 } } } }],
    ['job_context.policy.node_lost', { job_context: { policy: { node_lost: 're-attach' } } }],
    ['labels', { labels: { a: 'b' } }],
  ])('name %s when it is wrong', (path, body) => {
    expect(pathsOf(() => checkBody(body, JobDto))).toEqual([path]);
  });

  it('may be null everywhere, and hold what old clients send beside', () => {
    const context = { created_at: '', info: null, notify: null, policy: { retry: null, timeout_s: null } };
    const body = { key_id: 7, job_name: null, enabled: null, labels: null, job_context: context };
    expect(checkBody(body, JobDto)).toBe(body);
  });

  it('name every unknown member of a strict shape at once', () => {
    expect(pathsOf(() => checkBody({ enable: true, a: 1, b: 2 }, EnableDto))).toEqual(['a', 'b']);
    expect(pathsOf(() => checkBody(null, EnableDto))).toEqual(['body']);
  });

  it('say nothing of the value', () => {
    const headers = { authorization: ['secret'] };
    const body = { job_context: { info: { headers } } };
    expect(() => checkBody(body, JobDto)).toThrow(
      'job_context.info.headers must be an object whose values are text',
    );
  });
});

describe('a list in a body', () => {
  const pipe = new JsonListPipe(StatusDto);

  it('names the item that is wrong', () => {
    const body = JSON.stringify([{}, { executor: [{}, { executor_id: 1 }] }]);
    expect(pathsOf(() => pipe.transform(body))).toEqual(['[1].executor[1].executor_id']);
  });

  it('may be null, and must not be an object', () => {
    expect(pipe.transform('null')).toEqual([]);
    expect(pathsOf(() => pipe.transform('{}'))).toEqual(['body']);
  });
});

describe('JSON texts', () => {
  it.each(['', '{', '{"a":}', undefined])('are refused where they are none: %s', (text) => {
    expect(() => parseJson(text)).toThrow('The body is not valid JSON');
  });

  it('are refused when nested without end, or when they reach for a prototype', () => {
    expect(() => parseJson('['.repeat(50_000) + ']'.repeat(50_000))).toThrow('nested deeper than 200');
    expect(pathsOf(() => parseJson('{"a":[{"__proto__":{}}]}'))).toEqual(['__proto__']);
  });
});
