import { isSealed, type Job, MASKED_BODY, SECRET_MASK } from '@ecron/domain';
import { FakeSealer, jobInput, NOW, SETTINGS } from '../../test/fakes.js';
import { ApiError } from '../errors.js';
import { type InfoInput } from '../job/job-input.js';
import { readJob } from '../job/read-job.js';
import { showJob } from '../job/show-job.js';

const sealer = new FakeSealer();
const settings = { ...SETTINGS, sealer };
const url = { exec: 'https://target.test/' };

function save(info: InfoInput, current: Job | null = null, { exec } = url): Job {
  const input = jobInput({}, { exec, info });
  const definition = readJob(input, { jobId: 'id', now: NOW, settings, tenantId: 'a', current });
  const times = { nextSlotAt: null, anchorAt: NOW, createdAt: NOW, updatedAt: NOW };
  return { jobId: 'id', tenantId: 'a', version: 1, ...times, ...definition };
}

function refusalOf(info: InfoInput, current: Job | null = null, at = url): string {
  try {
    save(info, current, at);
  } catch (error) {
    if (error instanceof ApiError) return error.causeText;
    throw error;
  }
  return '';
}

const SECRETS: InfoInput = {
  headers: { Authorization: 'Bearer canary', accept: 'text/plain' },
  secret_headers: ['authorization'],
  body: { password: 'canary' },
  secret_body: true,
  tls: { cert: 'certificate', key: 'canary key' },
};
const shownOf = (job: Job) => showJob(job, settings).job_context.info;

beforeEach(() => {
  sealer.canSeal = true;
});

describe('the secrets of a job', () => {
  it('are stored sealed, each for its tenant and its place', () => {
    const { info } = save(SECRETS).context;
    expect(JSON.stringify(info)).not.toContain('canary');
    const sealedBody = info.body?.['sealed'] as string;
    const texts = [info.headers?.['Authorization'] ?? '', sealedBody, info.tls?.key ?? ''] as const;
    expect(texts.every(isSealed)).toBe(true);
    expect(sealer.open(texts[0], { tenantId: 'a', field: 'header:authorization' })).toBe('Bearer canary');
    expect(JSON.parse(sealer.open(sealedBody, { tenantId: 'a', field: 'body' }))).toEqual({
      password: 'canary',
    });
  });

  it('are shown masked, with their marks', () => {
    expect(shownOf(save(SECRETS))).toMatchObject({
      headers: { Authorization: SECRET_MASK, accept: 'text/plain' },
      body: MASKED_BODY,
      tls: { cert: 'certificate', key: SECRET_MASK },
      secret_headers: ['Authorization'],
      secret_body: true,
    });
    expect(shownOf(save({ body_text: 'canary', secret_body: true })).body_text).toBe(SECRET_MASK);
  });

  it('stay to the letter where an edit sends back what it read, marks or not', () => {
    const stored = save(SECRETS);
    const { secret_headers, secret_body, ...rest } = shownOf(stored);
    expect(save({ secret_headers, secret_body, ...rest }, stored).context).toEqual(stored.context);
    expect(save(rest as InfoInput, stored).context).toEqual(stored.context);
    const unmarked = { ...rest, secret_headers: [], secret_body: false };
    expect(save(unmarked as InfoInput, stored).context).toEqual(stored.context);
  });

  it('keep their marks where an edit that knows none gives new ones', () => {
    const edited = save(
      { headers: { authorization: 'Bearer new' }, body: { password: 'new' } },
      save(SECRETS),
    );
    expect(edited.context.info).toMatchObject({ secret_headers: ['authorization'], secret_body: true });
    expect(JSON.stringify(edited.context)).not.toContain('new"');
    const opened = {
      headers: { authorization: 'open' },
      secret_headers: [],
      body: { a: 1 },
      secret_body: false,
    };
    expect(save(opened, save(SECRETS)).context.info).toMatchObject({
      headers: { authorization: 'open' },
      body: { a: 1 },
    });
  });

  it.each<[string, InfoInput]>([
    ['headers.x', { headers: { x: SECRET_MASK }, secret_headers: ['X'] }],
    ['body', { body: MASKED_BODY, secret_body: true }],
    ['body_text', { body_text: SECRET_MASK, secret_body: true }],
    ['tls.key', { tls: { cert: 'c', key: SECRET_MASK } }],
  ])('cannot be the mask of nothing: %s', (path, info) => {
    expect(refusalOf(info)).toBe(
      `job_context.info.${path} must be the secret: none is stored that this could keep`,
    );
  });

  it.each<[string, InfoInput]>([
    ['headers.x', { headers: { x: SECRET_MASK } }],
    ['body', { body: MASKED_BODY }],
    ['body_text', { body_text: SECRET_MASK }],
    ['tls.key', { tls: { cert: 'c', key: SECRET_MASK } }],
  ])('do not go along to another target: %s', (path, masked) => {
    const sent = { headers: { x: 'canary' }, secret_headers: ['x'], secret_body: true };
    const bodies = path === 'body' ? { body: { a: 1 } } : { body_text: 'canary' };
    const stored = save({ ...sent, ...bodies, tls: { cert: 'c', key: 'canary' } });
    for (const exec of ['https://evil.test/', 'https://target.test:8443/', 'https://target.test.evil.test/'])
      expect(refusalOf(masked, stored, { exec })).toBe(
        `job_context.info.${path} must be sent again: scheme, host or port of job_context.exec changes`,
      );
    expect(refusalOf(masked, stored, { exec: 'https://TARGET.test:443/another?path=1' })).toBe('');
  });

  it('go to another target where they are sent again', () => {
    expect(refusalOf(SECRETS, save(SECRETS), { exec: 'https://other.test/' })).toBe('');
  });

  it('cannot look sealed when they come', () => {
    const sealed = 'ecron-sealed:1:x';
    const causes = [
      refusalOf({ headers: { x: sealed }, secret_headers: ['x'] }),
      refusalOf({ body: { sealed }, secret_body: true }),
      refusalOf({ body_text: sealed, secret_body: true }),
      refusalOf({ tls: { cert: 'c', key: sealed } }),
    ];
    expect(causes.map((cause) => cause.endsWith('must not look like a sealed secret'))).toEqual(
      causes.map(() => true),
    );
  });

  it('have names that are headers, each once', () => {
    expect(refusalOf({ headers: { x: '1' }, secret_headers: ['x', 'y'] })).toContain('secret_headers[1]');
    expect(refusalOf({ headers: { x: '1', X: '2' }, secret_headers: ['x'] })).toContain('stands there twice');
  });

  it('count as they were sent where the size is limited, sealed or not', () => {
    const body_text = 'x'.repeat(9_900);
    const stored = save({ body_text, secret_body: true });
    expect(save({ body_text: SECRET_MASK }, stored).context).toEqual(stored.context);
    expect(refusalOf({ body_text: 'x'.repeat(10_300), secret_body: true })).toContain('at most 10240 bytes');
  });

  it('are asked for again where their key is lost', () => {
    const stored = save(SECRETS);
    const elsewhere = { ...stored, tenantId: 'other' };
    expect(refusalOf({ headers: { Authorization: SECRET_MASK } }, elsewhere)).toContain('must be sent again');
  });
});

describe('without a key', () => {
  it('a job with secrets is refused, and the key to configure is named', () => {
    sealer.canSeal = false;
    expect(refusalOf(SECRETS)).toMatch(
      /^job_context\.info\.headers\.Authorization is a secret, .*secret_key_file/,
    );
    expect(refusalOf({ tls: { cert: 'c', key: 'k' } })).toContain('job_context.info.tls.key is a secret');
    expect(refusalOf({ headers: { authorization: 'not marked' } })).toBe('');
  });

  it('what was stored in the clear before goes on, and is sealed once there is a key', () => {
    const sealed = save({ tls: { cert: 'c', key: 'k' } });
    const info = { ...sealed.context.info, tls: { cert: 'c', key: 'k' } };
    const old: Job = { ...sealed, context: { ...sealed.context, info } };
    const again: InfoInput = { tls: { cert: 'c', key: SECRET_MASK } };
    sealer.canSeal = false;
    expect(save(again, old).context.info.tls?.key).toBe('k');
    sealer.canSeal = true;
    expect(isSealed(save(again, old).context.info.tls?.key ?? '')).toBe(true);
  });
});
