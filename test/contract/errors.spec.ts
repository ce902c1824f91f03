import { type Answer, type Api } from '../support/api.js';
import { jobBody } from '../support/jobs.js';
import { useRig } from '../support/rig.js';
import { type ErrorBody } from '../support/shapes.js';
import { startApp } from '../support/start-app.js';

const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';
const MEMBERS = ['cause', 'code', 'message', 'detail'];

const rig = useRig();

function expectError(answer: Answer<ErrorBody>, status: number, code: number): void {
  expect(answer.status).toBe(status);
  expect(Object.keys(answer.json)).toEqual(MEMBERS);
  expect(answer.json.code).toBe(code);
  expect(answer.json.cause).not.toBe('');
  expect(answer.json.message).not.toBe('');
  expect(answer.headers['content-type']).toBe('application/json');
}

describe('health', () => {
  it.each(['/health/ready', '/health/alive'])('%s of both services answers 200 and OK', async (path) => {
    for (const origin of [rig.app.management, rig.app.analysis]) {
      const answer = await fetch(origin + path);
      expect(answer.status).toBe(200);
      expect(await answer.text()).toMatch(/^"?OK"?$/);
    }
  });
});

describe('framing', () => {
  it('answers an unknown path with the error body and 404', async () => {
    expectError(await rig.api.call('GET', '/nothing'), 404, 404009001);
  });

  it('answers an unknown path outside the prefix with the error body and 404', async () => {
    const answer = await fetch(`${rig.app.management}/elsewhere`);
    expect(answer.status).toBe(404);
    expect(Object.keys((await answer.json()) as object)).toEqual(MEMBERS);
  });

  it.each([
    ['PATCH', '/job'],
    ['DELETE', '/job'],
    ['POST', '/jobtotal'],
    ['DELETE', '/jobstatus'],
    ['GET', '/jobexecution'],
    ['POST', `/job/${UNKNOWN_ID}/enable`],
  ])('answers %s %s with 405 and the error body', async (method, path) => {
    expectError(await rig.api.call(method, path), 405, 405009001);
  });

  it('answers a body over the limit with 413 and the error body', async () => {
    expectError(await rig.api.call('POST', '/job', { remarks: 'x'.repeat(1_100_000) }), 413, 413009001);
  });

  it.each([
    ['broken JSON', '{"job_name":'],
    ['an empty body', ''],
  ])('answers %s with 400 and no detail', async (_, raw) => {
    const answer = await rig.api.send('POST', '/job', raw, { 'content-type': 'application/json' });
    expectError(answer, 400, 400009001);
    expect(answer.json.detail).toBeNull();
  });

  it('reads a JSON body whatever its content type says', async () => {
    const raw = JSON.stringify(jobBody('http://127.0.0.1:1/'));
    expect((await rig.api.send('POST', '/job', raw, {})).status).toBe(201);
  });

  it('writes contract answers as application/json, also empty ones', async () => {
    const list = await rig.api.call('GET', '/job?limit=0');
    expect(list.headers['content-type']).toBe('application/json');
    const empty = await rig.api.call('DELETE', `/job/${UNKNOWN_ID}`);
    expect([empty.status, empty.text]).toEqual([200, '']);
    expect(empty.headers['content-type']).toBe('application/json');
    expect(empty.headers['content-length']).toBe('0');
  });
});

describe('languages', () => {
  const answersOf = async (api: Api) => {
    const name = `taken-${process.pid}-language`;
    await api.call('POST', '/job', jobBody('http://127.0.0.1:1/', { job_name: name }));
    const [bad, unknown, taken] = await Promise.all([
      api.call('POST', '/job', {}),
      api.call('GET', `/job?job_id=${UNKNOWN_ID}`),
      api.call('POST', '/job', jobBody('http://127.0.0.1:1/', { job_name: name })),
    ]);
    return [bad, unknown, taken].map((answer) => answer.json);
  };
  const withLanguage = async (lang: string) => {
    const app = await startApp({ ECRON_LANG: lang });
    try {
      return await answersOf(app.api);
    } finally {
      await app.discard();
    }
  };

  it('speaks simplified Chinese by default, with English causes', async () => {
    const [bad, unknown, taken] = await answersOf(rig.api);
    expect(bad).toEqual({
      cause: 'Job name is empty',
      code: 400009001,
      message: '请求错误。',
      detail: { parameters: ['job_name'] },
    });
    expect(unknown).toEqual({
      cause: 'This job does not exist',
      code: 404009001,
      message: '数据不存在。',
      detail: { conflicts: ['job_id'] },
    });
    expect(taken?.message).toMatch(/\p{Script=Han}/u);
  });

  it('speaks English where lang is en_US', async () => {
    const [bad, unknown, taken] = await withLanguage('en_US');
    expect([bad?.message, unknown?.message]).toEqual(['Bad request.', 'Not found.']);
    expect(bad?.cause).toBe('Job name is empty');
    expect(taken?.message).toMatch(/^[A-Z][a-z ]+\.$/);
  });

  it('speaks traditional Chinese where lang is zh_TW', async () => {
    const [bad, unknown, taken] = await withLanguage('zh_TW');
    expect(bad?.message).toBe('請求錯誤。');
    expect(unknown?.message).toMatch(/^(數據|資料)不存在。$/);
    expect(taken?.message).toMatch(/\p{Script=Han}/u);
  });
});
